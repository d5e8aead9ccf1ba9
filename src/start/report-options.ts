import { isWorker } from '../bootstrap/current-role.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { seal } from '../ipc/envelope.js';
import { ownHello } from '../ipc/protocol-version.js';
import { currentFactoryCall } from '../nest/factory-call.js';
import type { OnceMark } from '../state/once-marks.js';
import { exitProcess } from '../system/process/exit.js';
import { takeEarlyTask } from './early-worker.js';
import { loggingInUse } from './logging-in-use.js';
import { type OptionsReport, reportOf } from './options-data.js';
import type { OnceReport } from './options.protocol.js';

const NEVER = new Promise<never>(() => {});

/**
 * Reports the options to a primary that does not load the application, if this worker is the one that it waits for. If
 * they cannot be reported as data, this worker exits, and the primary loads the application itself.
 *
 * An application context that does not run on workers may be a script, whose work is done in the process that was
 * started. A worker that does not report waits there until the primary ends it.
 *
 * @internal
 */
export async function reportOptions(resolve: () => ResolvedClusterOptions): Promise<void> {
  const task = isWorker() ? takeEarlyTask() : undefined;
  if (!task) {
    return;
  }
  const options = resolve();
  const isContext = currentFactoryCall()?.method === 'createApplicationContext';
  const mayBeScript = isContext && options.contexts === 'single';
  if (task === 'wait') {
    return mayBeScript ? NEVER : undefined;
  }
  const report: OptionsReport = mayBeScript
    ? { type: 'unsuitable', reasons: ['it creates an application context'] }
    : reportOf(options, loggingInUse(options.logger));
  await send([{ hello: ownHello() }, { message: report }]);
  if (report.type === 'unsuitable') {
    exitProcess(0);
  }
}

/** Tells a primary that does not load the application what this worker, which is its first one, has done. @internal */
export function reportOnce(marks: readonly OnceMark[]): Promise<void> {
  const report: OnceReport = { type: 'once', marks };
  return send([{ hello: ownHello() }, { message: report }]);
}

/** Resolves when the packets are written, or cannot be written any more. */
function send(packets: Parameters<typeof seal>[0]): Promise<void> {
  return new Promise(written => {
    process.send!(seal(packets), undefined, undefined, () => written());
  });
}
