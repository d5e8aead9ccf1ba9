import type { CommandFailure } from '../../ipc/supervision.protocol.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';

/** Ends a command because a worker that was forked for it has exited. @internal */
export class WorkerFailedError extends Error {
  readonly failure: CommandFailure;

  /**
   * @param worker a worker that has exited
   */
  constructor(worker: WorkerHandle) {
    const output = worker.output?.tail ?? '';
    const why = supervisorMessages.failed(worker.exit!, worker.ending.error);
    super(why);
    const { slot, pid, reason, generation } = worker.exit!;
    this.failure = { why, generation, worker: { slot, pid, reason, output } };
  }
}
