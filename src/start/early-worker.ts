import { OPTIONS_VARIABLE } from '../model/internal-variables.js';
import type { EarlyTask } from '../supervisor/node-cluster/worker-process.js';
import { beforeListen } from '../system/before-listen.js';

/** A property of the global object: the application may load another copy of this package. */
const TASK = Symbol.for('nestjs-cluster/early-task');

const memory = globalThis as unknown as Record<symbol, EarlyTask | undefined>;

/**
 * Takes the task of this process out of its environment, so that its child processes do not inherit it. Until the
 * application is created or a server listens, the connection to the primary does not keep this process running: a main
 * file that does neither ends as usual.
 *
 * @internal
 */
export function beginEarlyWorker(): void {
  const task = process.env[OPTIONS_VARIABLE];
  delete process.env[OPTIONS_VARIABLE];
  if (task === 'report' || task === 'wait') {
    memory[TASK] = task;
    process.channel?.unref();
    // The sockets of its servers are in the primary, so only the connection to it keeps the worker running.
    beforeListen(() => process.channel?.ref());
  }
}

/** Returns the task of this process, until it is taken. @internal */
export function earlyTask(): EarlyTask | undefined {
  return memory[TASK];
}

/**
 * Keeps this process running until a promise has settled, although its application is not created yet.
 *
 * @internal
 */
export async function keepRunning<Value>(promise: Promise<Value>): Promise<Value> {
  const timer = setInterval(() => {}, 2 ** 31 - 1);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

/** Returns the task of this process, the first time that it is called. @internal */
export function takeEarlyTask(): EarlyTask | undefined {
  const task = memory[TASK];
  if (task) {
    memory[TASK] = undefined;
    process.channel?.ref();
  }
  return task;
}
