import { clusterRole, isWorker } from '../bootstrap/current-role.js';
import { hostStart } from '../bootstrap/host-start.js';
import { optionsBeforeNest } from '../bootstrap/registered-options.js';
import { releaseName } from '../config/release.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { earlyTask, keepRunning } from '../start/early-worker.js';
import { reportOnce } from '../start/report-options.js';
import { markOf } from '../state/objects/once.js';
import { onceMarks } from '../state/once-marks.js';
import { type OnceRequest, onceRequest, type OnceTask } from '../state/once-options.js';
import { isRecord } from '../system/is-record.js';
import { isTestRun } from '../system/process/is-test-run.js';
import type { ClusterOnceOptions } from './cluster-once-options.interface.js';
import { outcomeIn, runAlone, runInProcess } from './run-in-process.js';

/** One call, with the options of the application. */
interface Call<T> {
  readonly request: OnceRequest;
  readonly task: OnceTask<T>;
  readonly options: ResolvedClusterOptions;
}

/** Carries out `clusterOnce()`. @internal */
export async function runBeforeNest<T>(
  name: string,
  task: OnceTask<T>,
  given: ClusterOnceOptions,
): Promise<T | undefined> {
  const { redis, ...others } = isRecord(given) ? (given as ClusterOnceOptions) : {};
  // What is no object is refused with the options that it should have.
  const own = isRecord(given) ? others : given;
  const options = optionsBeforeNest('clusterOnce()', redis);
  const request = onceRequest(name, task, own, () => ({
    release: releaseName(options),
    start: hostStart(),
  }));
  return keepRunning(run({ request, task, options }));
}

/**
 * A primary asks only Redis, and so does a process without a primary. A worker asks its primary, whose memory knows what is done
 * even while Redis is unavailable. The workers of a primary that does not load the application are early: it answers none
 * of them before the first one has created the application. So the first one runs the task, and tells the primary.
 */
async function run<T>(call: Call<T>): Promise<T | undefined> {
  const early = earlyTask();
  if (isWorker() && (early === undefined || (early === 'wait' && !call.options.redis))) {
    const { runInWorker } = await import('./run-in-worker.js');
    return runInWorker(call.request, call.task, call.options);
  }
  if (!isWorker() && clusterRole() === 'single' && isTestRun(process.env)) {
    // Each test has an application of its own.
    return call.options.redis ? runOverRedis(call) : runAlone(call.request, call.task);
  }
  const result = await runHere(call);
  if (early === 'report') {
    await reportOnce([result.mark]);
  }
  return result.value;
}

async function runHere<T>(call: Call<T>) {
  const { request, task, options } = call;
  const { maxValueBytes } = options.state;
  if (!options.redis) {
    return runInProcess(request, task, maxValueBytes);
  }
  const known = onceMarks().get(request.key);
  if (known) {
    return { value: outcomeIn(known).value as T, mark: known };
  }
  const value = await runOverRedis(call);
  const mark = markOf(request, value, maxValueBytes);
  onceMarks().set(request.key, mark);
  return { value, mark };
}

async function runOverRedis<T>({ request, task, options }: Call<T>): Promise<T | undefined> {
  const { runInRedis } = await import('./run-in-redis.js');
  return runInRedis(request, task, options);
}
