import type { WorkerFailure } from '../model/errors/worker-failure.interface.js';
import type { ExitCode } from './exit-codes.js';

/** Ends a command with a message and an exit code. @internal */
export class CliError extends Error {
  override readonly name = 'CliError';

  /**
   * @param code a stable name of the reason, for `--json`
   * @param worker the worker that failed, if one did
   */
  constructor(
    readonly exitCode: ExitCode,
    readonly code: string,
    message: string,
    readonly worker?: WorkerFailure,
  ) {
    super(message);
  }
}
