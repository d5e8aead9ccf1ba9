import { HostStoppingError } from '../../model/errors/host-stopping.error.js';
import type { CommandOutcome } from '../../ipc/supervision.protocol.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** Answers a worker with the outcome of the command that it gave. @internal */
export async function commandOutcome<Value>(
  command: Promise<Value>,
  answer: (outcome: CommandOutcome<Value>) => void,
): Promise<void> {
  try {
    answer({ type: 'done', value: await command });
  } catch (error) {
    if (error instanceof WorkerFailedError) {
      answer({ type: 'failed', failure: error.failure });
    } else if (error instanceof HostStoppingError) {
      answer({ type: 'stopping' });
    } else {
      answer({ type: 'broken', why: String(error) });
    }
  }
}

/** Resolves with the outcome of a command; never rejects. @internal */
export function outcomeOf<Value>(command: Promise<Value>): Promise<CommandOutcome<Value>> {
  return new Promise(resolve => void commandOutcome(command, resolve));
}
