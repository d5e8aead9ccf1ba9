/** A command for all hosts was not carried out, or not to its end. @internal */
export class FleetError extends Error {
  override readonly name = 'FleetError';

  /**
   * @param reason `busy`: another host has the lock; `noWorker`: no worker of this host answers
   */
  constructor(
    readonly reason: 'busy' | 'noWorker' | 'failed',
    message: string,
  ) {
    super(message);
  }
}
