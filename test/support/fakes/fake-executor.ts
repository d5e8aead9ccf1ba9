import type { OperationResult } from '../../../src/state/operation.js';
import type {
  Batch,
  ExecutorObserver,
  Outcome,
  StateExecutor,
} from '../../../src/state/state-executor.interface.js';

/** A backend that does as it is told. */
export class FakeExecutor implements StateExecutor {
  readonly retention = 3_600_000;
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

  /** Tells what became of the oldest attempt that it has not told of. */
  async answer(outcome: Outcome): Promise<void> {
    this.#waiting.shift()!(outcome);
    await new Promise(resolve => setImmediate(resolve));
    if (outcome.type === 'void') {
      // What was returned goes out again in the next turn of the event loop.
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  suspect(): void {
    this.suspected++;
  }

  listen(): Promise<void> {
    return Promise.resolve();
  }

  recall(): Promise<OperationResult | undefined> {
    return Promise.resolve(this.recalled);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
