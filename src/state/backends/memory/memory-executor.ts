import { FairTurns } from '../../../system/async/fair-turns.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import type { Recollection } from '../../recollection.js';
import type {
  Batch,
  ExecutorObserver,
  Grant,
  OperationPlace,
  Outcome,
  StateExecutor,
} from '../../state-executor.interface.js';
import type { MemoryBackend } from './memory-backend.js';

/** Who hears of the locks that pass to a client. @internal */
export type GrantListeners = Map<string, (grant: Grant) => void>;

/**
 * A memory in this process: what single mode has.
 *
 * @internal
 */
export class MemoryExecutor implements StateExecutor {
  readonly unavailableSince = undefined;
  #client = '';
  readonly #turns = new FairTurns();

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

  async execute(batch: Batch): Promise<Outcome> {
    const outcome = this.backend.execute(batch);
    await this.#turns.take();
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
