import type { Clock } from '../../system/time/clock.js';
import type { WorkerReport } from '../overview.protocol.js';
import type { OverviewClient } from './overview-service.interface.js';
import { WorkerRecord } from './worker-record.js';

/** Milliseconds within which a worker must report: one that does not is blocked. Less than the interval. @internal */
export const REPORT_PATIENCE = 1_000;

/**
 * Asks all workers with a dashboard for their reports at the same time. A worker that is blocked delays nobody: after a
 * second, what it would have reported is unknown.
 *
 * @internal
 */
export class ReportRounds {
  readonly #records = new Map<OverviewClient, WorkerRecord>();
  #round = 0;
  #ended = 0;
  #waiting: { readonly cancel: () => void; readonly end: () => void } | undefined;

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  get records(): ReadonlyMap<OverviewClient, WorkerRecord> {
    return this.#records;
  }

  /** How often a round has ended: what is known changes then. */
  get ended(): number {
    return this.#ended;
  }

  /** Returns what a worker has reported in the last round, by Node's id of it. */
  of(worker: number): WorkerRecord | undefined {
    for (const record of this.#records.values()) {
      if (record.worker === worker && record.isKnown) {
        return record;
      }
    }
    return undefined;
  }

  add(client: OverviewClient, worker: number): void {
    if (!this.#records.has(client)) {
      this.#records.set(client, new WorkerRecord(worker));
    }
  }

  remove(client: OverviewClient): void {
    this.#records.delete(client);
    this.#endIfComplete();
  }

  /** Takes a report, also one that comes too late: the next one has only what has changed since. */
  take(client: OverviewClient, round: number, report: WorkerReport): void {
    this.#records.get(client)?.take(round, report);
    this.#endIfComplete();
  }

  /**
   * Asks all workers, and calls `done` when all of them have reported, or the time is over.
   *
   * @param topics whether they report on their topics, too
   */
  begin(topics: boolean, done: () => void): void {
    this.#waiting?.end();
    const round = ++this.#round;
    for (const [client, record] of this.#records) {
      if (record.isReachable) {
        record.asked = round;
        void client.send({ type: 'overviewAsk', round, topics });
      }
    }
    const end = (): void => {
      this.#waiting?.cancel();
      this.#waiting = undefined;
      this.#ended++;
      this.#records.forEach(record => (record.isKnown = record.answered === round));
      done();
    };
    this.#waiting = { cancel: this.clock.after(REPORT_PATIENCE, end), end };
    this.#endIfComplete();
  }

  /** Asks nobody any more: what was reported grows old. */
  stop(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
    this.#ended++;
    this.#records.forEach(record => (record.isKnown = false));
  }

  #endIfComplete(): void {
    const isComplete = [...this.#records.values()].every(
      ({ answered }) => answered === this.#round,
    );
    if (isComplete) {
      this.#waiting?.end();
    }
  }
}
