import { monotonicNow } from '../../../src/system/time/monotonic-now.js';
import type {
  Batch,
  ExecutorObserver,
  Outcome,
} from '../../../src/state/state-executor.interface.js';
import { MemoryExecutor } from './memory-executor.js';

/** A memory backend that is out of reach, or whose answers are lost, for as long as a test wants. */
export class OutageExecutor extends MemoryExecutor {
  /** The names of the operations that have arrived. */
  readonly arrived: string[] = [];
  #outage: 'unreachable' | 'mute' | undefined;
  readonly #observers: ExecutorObserver[] = [];
  #giveUp: ((outcome: Outcome) => void)[] = [];

  override open(client: string, observer: ExecutorObserver): void {
    this.#observers.push(observer);
    super.open(client, observer);
  }

  override async execute(batch: Batch): Promise<Outcome> {
    if (this.#outage === 'unreachable') {
      return { type: 'refused', why: 'no connection' };
    }
    this.arrived.push(...batch.operations.map(({ name }) => name));
    const outcome = super.execute(batch);
    return this.#outage === 'mute'
      ? new Promise<Outcome>(resolve => this.#giveUp.push(resolve))
      : outcome;
  }

  override suspect(): void {
    if (this.#outage) {
      this.unavailableSince ??= monotonicNow();
    }
  }

  /** From now on, nothing arrives. */
  disconnect(): void {
    this.#outage = 'unreachable';
    this.unavailableSince = monotonicNow();
  }

  /** From now on, everything arrives, and no answer comes back. */
  mute(): void {
    this.#outage = 'mute';
  }

  /** Ends the outage. */
  restore(): void {
    this.#outage = undefined;
    this.unavailableSince = undefined;
    this.#giveUp.forEach(giveUp => giveUp({ type: 'unknown', why: 'the connection has ended' }));
    this.#giveUp = [];
    this.#observers.forEach(observer => observer.onAvailable());
  }
}
