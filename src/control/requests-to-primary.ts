import type { HostChannel } from '../ipc/host-channel.interface.js';
import { oneEach } from '../system/collections/one-each.js';
import { ControlError } from './control-error.js';
import type { ControlFailureCode } from './control-messages.js';
import {
  type WorkerRequestOf,
  type WorkerRequestsChannel,
  workerRequestsProtocol,
  type WorkerRequestValues,
} from './worker-requests.protocol.js';

/** Any part of a process that identifies its runtime. */
type Key = { readonly host: { readonly channel: HostChannel } };

/** Returns the requests of a worker to its primary. @internal */
export const requestsToPrimaryOf = oneEach(
  (runtime: Key): RequestsToPrimary => new RequestsToPrimary(runtime.host.channel),
);

/**
 * A worker's requests to its primary. Single mode has none.
 *
 * @internal
 */
export class RequestsToPrimary {
  readonly #channel: WorkerRequestsChannel;
  #last = 0;

  constructor(channel: HostChannel) {
    this.#channel = channel.open(workerRequestsProtocol, () => {});
  }

  /**
   * Makes a request, and calls `use` with its value. A file exists until the result of `use` has settled.
   *
   * @param signal aborts if the request is not needed any more
   * @throws ControlError if it fails
   * @throws PrimaryUnreachableError, PrimaryRequestError if the primary has ended, or cannot answer
   * @throws the reason of the signal
   */
  async run<Name extends keyof WorkerRequestValues, Result>(
    request: WorkerRequestOf<Name>,
    signal: AbortSignal,
    use: (value: WorkerRequestValues[Name]) => Result | Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    const id = ++this.#last;
    let abandon!: () => void;
    const abandoned = new Promise<never>((_, reject) => {
      abandon = () => reject(signal.reason as Error);
    });
    signal.addEventListener('abort', abandon);
    try {
      const asked = this.#channel.ask('workerRequest', { id, request });
      const answer = await Promise.race([asked, abandoned]);
      if (answer.type === 'failed') {
        const { code, message, worker } = answer.failure;
        throw new ControlError(code as ControlFailureCode, message, worker);
      }
      if (answer.type === 'released') {
        throw signal.reason;
      }
      return await use(answer.value as WorkerRequestValues[Name]);
    } finally {
      signal.removeEventListener('abort', abandon);
      void this.#channel.post({ type: 'workerRequestReleased', id });
    }
  }
}
