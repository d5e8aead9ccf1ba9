import type { OperationResult } from '../../../src/state/operation.js';
import { isRemembered, type Recollection } from '../../../src/state/recollection.js';
import {
  type Batch,
  type ExecutorObserver,
  isDeferred,
  type KeyPage,
  type OperationPlace,
  type Outcome,
  type StateExecutor,
} from '../../../src/state/state-executor.interface.js';

/** A backend that a test controls. */
export class FakeExecutor implements StateExecutor {
  unavailableSince: number | undefined;
  readonly batches: Batch[] = [];
  suspected = 0;
  observer: ExecutorObserver | undefined;
  recalled: OperationResult | undefined;
  readonly #waiting: ((outcome: Outcome) => void)[] = [];

  open(_client: string, observer: ExecutorObserver): void {
    this.observer = observer;
  }

  partitionOf(key: string): number {
    return key.startsWith('other') ? 1 : 0;
  }

  execute(batch: Batch): Promise<Outcome> {
    this.batches.push(batch);
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** Settles the oldest pending attempt with an outcome. */
  async answer(outcome: Outcome): Promise<void> {
    this.#waiting.shift()!(outcome);
    await new Promise(resolve => setImmediate(resolve));
    if (
      outcome.type === 'void' ||
      (outcome.type === 'applied' && outcome.results.some(isDeferred))
    ) {
      // Returned operations are sent again in the next turn of the event loop.
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  suspect(): void {
    this.suspected++;
  }

  listen(): Promise<void> {
    return Promise.resolve();
  }

  time(): number {
    return 5_000_000;
  }

  scan(): Promise<KeyPage> {
    return Promise.resolve({ keys: [], cursor: null });
  }

  recall(_place: OperationPlace, at: number): Promise<Recollection> {
    return Promise.resolve({
      ...(this.recalled !== undefined && { result: this.recalled }),
      isRemembered: isRemembered(at, this.time(), 3_600_000),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
