import { monotonicNow } from '../../process/monotonic-now.js';
import type { Recollection } from '../recollection.js';
import type {
  Batch,
  ExecutorObserver,
  Grant,
  OperationPlace,
  Outcome,
  StateExecutor,
} from '../state-executor.interface.js';
import type { MemoryBackend } from './memory-backend.js';

/** Who hears of the locks that pass to a client. @internal */
export type GrantListeners = Map<string, (grant: Grant) => void>;

/** So many batches are carried out before the event loop has its turn. */
const BATCHES_IN_A_TURN = 16;

/**
 * A memory in this process: what single mode has.
 *
 * @internal
 */
export class MemoryExecutor implements StateExecutor {
  readonly unavailableSince = undefined;
  #client = '';
  #batches = 0;
  /** Resolves in the next turn of the event loop. */
  #turn: Promise<void> | undefined;

  constructor(
    private readonly backend: MemoryBackend,
    private readonly grants: GrantListeners,
  ) {}

  open(client: string, observer: ExecutorObserver): void {
    this.#client = client;
    // Not within the call of somebody else.
    this.grants.set(client, grant => queueMicrotask(() => observer.onGrant(grant)));
  }

  partitionOf(): number {
    return 0;
  }

  /** Nobody who asks again and again, and is answered at once, keeps the event loop from turning. */
  async execute(batch: Batch): Promise<Outcome> {
    const outcome = this.backend.execute(batch);
    this.#turn ??= new Promise(resolve =>
      setImmediate(() => {
        this.#turn = undefined;
        this.#batches = 0;
        resolve();
      }),
    );
    if (++this.#batches > BATCHES_IN_A_TURN) {
      await this.#turn;
    }
    return outcome;
  }

  suspect(): void {}

  listen(): Promise<void> {
    return Promise.resolve();
  }

  time(): number {
    return Math.floor(monotonicNow());
  }

  recall(place: OperationPlace, at: number): Promise<Recollection> {
    return Promise.resolve(this.backend.recall(place, at));
  }

  close(): Promise<void> {
    this.grants.delete(this.#client);
    this.backend.bury(this.#client);
    return Promise.resolve();
  }
}
