import { HostStoppingError } from '../../model/errors/host-stopping.error.js';
import type { CommandOutcome } from '../../ipc/supervision.protocol.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** Resolves with the outcome of a command, for whoever gave it; never rejects. @internal */
export async function outcomeOf<Value>(command: Promise<Value>): Promise<CommandOutcome<Value>> {
  try {
    return { type: 'done', value: await command };
  } catch (error) {
    if (error instanceof WorkerFailedError) {
      return { type: 'failed', failure: error.failure };
    }
    return error instanceof HostStoppingError
      ? { type: 'stopping' }
      : { type: 'broken', why: String(error) };
  }
}
