import type { WorkerFailure } from '../model/errors/worker-failure.interface.js';
import type { ControlFailure, ControlFailureCode } from './control-messages.js';

/** Ends a request of the control socket with a failure. @internal */
export class ControlError extends Error {
  override readonly name = 'ControlError';

  constructor(
    readonly code: ControlFailureCode,
    message: string,
    readonly worker?: WorkerFailure,
  ) {
    super(message);
  }

  /** Returns it as it is sent. */
  toFailure(): ControlFailure {
    const { code, message, worker } = this;
    return { code, message, ...(worker && { worker }) };
  }
}
