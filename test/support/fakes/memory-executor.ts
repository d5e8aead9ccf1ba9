import { monotonicNow } from '../../../src/system/time/monotonic-now.js';
import { MemoryBackend } from '../../../src/state/backends/memory/memory-backend.js';
import type { MemoryClock } from '../../../src/state/backends/memory/memory-clock.js';
import type { Recollection } from '../../../src/state/recollection.js';
import type {
  Batch,
  ExecutorObserver,
  KeyPage,
  OperationPlace,
  Outcome,
  StateExecutor,
} from '../../../src/state/state-executor.interface.js';

/** The memory backend in the process of the test, without an IPC channel. */
export class MemoryExecutor implements StateExecutor {
  unavailableSince: number | undefined;
  readonly #backend: MemoryBackend;
  #observer: ExecutorObserver | undefined;

  constructor(private readonly clock?: MemoryClock) {
    this.#backend = new MemoryBackend(
      (_, grant) => this.#observer?.onGrant(grant),
      () => {},
      clock,
    );
  }

  open(_client: string, observer: ExecutorObserver): void {
    this.#observer = observer;
  }

  partitionOf(): number {
    return 0;
  }

  execute(batch: Batch): Promise<Outcome> {
    return Promise.resolve(this.#backend.execute(batch));
  }

  suspect(): void {}

  listen(): Promise<void> {
    return Promise.resolve();
  }

  time(): number {
    return this.clock?.now() ?? Math.floor(monotonicNow());
  }

  recall(place: OperationPlace, at: number): Promise<Recollection> {
    return Promise.resolve(this.#backend.recall(place, at));
  }

  scan(prefix: string, cursor: string): Promise<KeyPage> {
    return Promise.resolve(this.#backend.scan(prefix, cursor));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
