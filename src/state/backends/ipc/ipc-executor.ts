import { monotonicNow } from '../../../system/time/monotonic-now.js';
import type { Recollection } from '../../recollection.js';
import { PrimaryRequestError } from '../../../model/errors/primary-request.error.js';
import { stateMessages } from '../../state.messages.js';
import type {
  Batch,
  ExecutorObserver,
  KeyPage,
  OperationPlace,
  Outcome,
  StateExecutor,
} from '../../state-executor.interface.js';
import type { StateInspector } from '../../inspection/state-inspector.interface.js';
import type { HostChannel } from '../../../ipc/host-channel.interface.js';
import { type StateChannel, stateProtocol, type StateToWorker } from './state.protocol.js';

/** Timeout of `recall()` in milliseconds. */
const RECALL_TIMEOUT = 2_000;

/** Timeout of `scan()` in milliseconds. */
const SCAN_TIMEOUT = 10_000;

/** Timeout of the inspector in milliseconds. */
const INSPECT_TIMEOUT = 3_000;

/**
 * Executes operations in the memory of the primary; in single mode, of this process.
 *
 * @internal
 */
export class IpcExecutor implements StateExecutor {
  #unavailableSince: number | undefined;
  #client = '';
  #observer: ExecutorObserver | undefined;
  readonly #channel: StateChannel;

  constructor(host: HostChannel) {
    this.#channel = host.open(stateProtocol, message => this.#onMessage(message));
  }

  get unavailableSince(): number | undefined {
    return this.#unavailableSince;
  }

  open(client: string, observer: ExecutorObserver): void {
    this.#client = client;
    this.#observer = observer;
  }

  partitionOf(): number {
    return 0;
  }

  async execute(batch: Batch): Promise<Outcome> {
    try {
      return await this.#channel.ask('execute', { client: this.#client, batch });
    } catch (error) {
      if (error instanceof PrimaryRequestError) {
        // The primary is alive and has reported an error, so pass that on.
        const type = error.mayBeApplied ? 'unknown' : 'refused';
        return { type, why: stateMessages.primaryFailed(error.message), cause: error };
      }
      // The primary has died, and its memory is lost.
      this.#unavailableSince ??= monotonicNow();
      return { type: 'unknown', why: stateMessages.primaryUnreachable(), cause: error as Error };
    }
  }

  /** Asks the primary anything. It answers in order, so its answer shows that earlier questions are answered, too. */
  suspect(): void {
    if (this.#unavailableSince === undefined) {
      this.#unavailableSince = monotonicNow();
      void this.#waitForAnswer();
    }
  }

  listen(): Promise<void> {
    return Promise.resolve();
  }

  /** The primary uses the same clock. */
  time(): number {
    return Math.floor(monotonicNow());
  }

  recall(place: OperationPlace, at: number): Promise<Recollection> {
    return this.#channel.ask('recall', { place, at }, RECALL_TIMEOUT);
  }

  scan(prefix: string, cursor: string): Promise<KeyPage> {
    return this.#channel.ask('scan', { prefix, cursor }, SCAN_TIMEOUT);
  }

  readonly inspector: StateInspector = {
    backend: 'memory',
    inspect: () => this.#channel.ask('inspectState', null, INSPECT_TIMEOUT),
    peek: (kind, key) => this.#channel.ask('peekState', { kind, key }, INSPECT_TIMEOUT),
  };

  /** Releases the locks of this client. */
  close(): Promise<void> {
    this.#channel.close();
    return this.#channel.post({ type: 'clientClosed', client: this.#client });
  }

  #onMessage(message: StateToWorker): void {
    if (message.type === 'grant' && message.client === this.#client) {
      this.#observer?.onGrant(message.grant);
    }
  }

  async #waitForAnswer(): Promise<void> {
    try {
      await this.#channel.flush();
    } catch {
      return;
    }
    this.#unavailableSince = undefined;
    this.#observer?.onAvailable();
  }
}
