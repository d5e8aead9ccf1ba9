import { LockTimeoutError } from '../model/errors/lock-timeout.error.js';
import { markOf, runInTime } from '../state/objects/once.js';
import { type OnceMark, type OnceOutcome, onceMarks } from '../state/once-marks.js';
import type { OnceRequest, OnceTask } from '../state/once-options.js';
import { within } from '../system/async/within.js';
import { systemClock } from '../system/time/clock.js';
import { monotonicNow } from '../system/time/monotonic-now.js';

/** The runs of this process, by the name of the task. They never reject. */
const running = new Map<string, Promise<void>>();

/**
 * Runs a task in this process, unless that has been done here. For a process that shares no state with others.
 *
 * @returns what is stored about it, and the result of the task
 * @throws LockTimeoutError if another call runs a task of this name for longer than the timeout
 * @throws the error of the task
 * @internal
 */
export async function runInProcess<T>(
  request: OnceRequest,
  task: OnceTask<T>,
  maxValueBytes: number,
): Promise<{ readonly value: T | undefined; readonly mark: OnceMark }> {
  const { name, key, timeout } = request;
  const until = monotonicNow() + timeout;
  for (;;) {
    const mark = onceMarks().get(key);
    if (mark) {
      return { value: outcomeIn(mark).value as T, mark };
    }
    const other = running.get(name);
    if (!other) {
      break;
    }
    await within(Math.max(0, until - monotonicNow()), other, () => {
      throw new LockTimeoutError(name, timeout);
    });
  }
  const run = runAndNote(request, task, maxValueBytes).finally(() => running.delete(name));
  // Its error is that of this call. Other calls run the task themselves.
  running.set(name, settled(run));
  return run;
}

async function settled(run: Promise<unknown>): Promise<void> {
  await run.catch(() => {});
}

async function runAndNote<T>(
  request: OnceRequest,
  task: OnceTask<T>,
  maxValueBytes: number,
): Promise<{ readonly value: T; readonly mark: OnceMark }> {
  const value = await runAlone(request, task);
  const mark = markOf(request, value, maxValueBytes);
  onceMarks().set(request.key, mark);
  return { value, mark };
}

/** Runs a task whatever has been done before. @internal */
export async function runAlone<T>({ name, timeout }: OnceRequest, task: OnceTask<T>): Promise<T> {
  // Like the tokens of locks in memory, this one grows across restarts.
  const token = Math.floor(systemClock.wallTime());
  return runInTime(name, timeout, signal => task({ signal, token }));
}

/** @internal */
export function outcomeIn(mark: OnceMark): OnceOutcome {
  return JSON.parse(mark.text) as OnceOutcome;
}
