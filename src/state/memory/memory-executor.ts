import type { OperationResult } from '../operation.js';
import type {
  Batch,
  ExecutorObserver,
  Grant,
  OperationPlace,
  Outcome,
  StateExecutor,
} from '../state-executor.interface.js';
import { type MemoryBackend, RETENTION } from './memory-backend.js';

/** Who hears of the locks that pass to a client. @internal */
export type GrantListeners = Map<string, (grant: Grant) => void>;

/**
 * A memory in this process: what single mode has.
 *
 * @internal
 */
export class MemoryExecutor implements StateExecutor {
  readonly retention = RETENTION;
  readonly unavailableSince = undefined;
  #client = '';

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

  execute(batch: Batch): Promise<Outcome> {
    return Promise.resolve(this.backend.execute(batch));
  }

  suspect(): void {}

  listen(): Promise<void> {
    return Promise.resolve();
  }

  recall(place: OperationPlace): Promise<OperationResult | undefined> {
    return Promise.resolve(this.backend.recall(place));
  }

  close(): Promise<void> {
    this.grants.delete(this.#client);
    this.backend.bury(this.#client);
    return Promise.resolve();
  }
}
