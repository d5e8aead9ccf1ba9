import { Server } from 'node:net';
import { OPTIONS_VARIABLE } from '../model/internal-variables.js';

/**
 * What a worker does that was forked before its primary knew the options: `report` sends them; `wait` leaves that to
 * another worker, and does nothing that must happen once.
 *
 * @internal
 */
export type EarlyTask = 'report' | 'wait';

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
    keepRunningWhenListening();
  }
}

/** The servers of a worker are in the primary, so that nothing but the connection to it keeps the worker running. */
function keepRunningWhenListening(): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the server that it is called on
  const listen = Server.prototype.listen as (...args: unknown[]) => Server;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    process.channel?.ref();
    return listen.apply(this, args);
  };
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
