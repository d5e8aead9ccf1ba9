import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import type { WorkerFacts } from '../../model/worker-facts.interface.js';
import { OVERVIEW_EVENTS, type TimelineEvent } from '../overview.interface.js';

/** The number of failures whose output is remembered: up to 8 KB each. */
const OUTPUTS = 20;

/**
 * The last lifecycle events of a host, in their order.
 *
 * @internal
 */
export class Timeline {
  #events: TimelineEvent[] = [];
  #sequence = 0;
  /** By Node's id of the worker: when it began to drain, in ms since the epoch. */
  readonly #draining = new Map<number, number>();

  /** The sequence number of the last event. */
  get last(): number {
    return this.#sequence;
  }

  /** @param factsOf returns what is known about a worker that fails */
  add(event: ClusterEvent, factsOf: (worker: number) => WorkerFacts | undefined): void {
    this.#noteDrain(event);
    const facts = hasFailed(event) ? factsOf(event.id) : undefined;
    const { error, output } = facts ?? {};
    this.#events.push({
      sequence: ++this.#sequence,
      event,
      ...(error !== undefined && { error }),
      ...(output && { lastOutput: output }),
    });
    if (this.#events.length > OVERVIEW_EVENTS) {
      this.#events.shift();
    }
    if (output) {
      this.#forgetOutputs();
    }
  }

  /** Returns the events with a higher sequence number. */
  after(sequence: number): readonly TimelineEvent[] {
    const count = Math.min(this.#events.length, this.#sequence - sequence);
    return count > 0 ? this.#events.slice(-count) : [];
  }

  /** Returns for how many milliseconds a worker has been draining; `undefined` if it does not. */
  drainingFor(worker: number, now: number): number | undefined {
    const since = this.#draining.get(worker);
    return since === undefined ? undefined : Math.max(0, now - since);
  }

  #noteDrain(event: ClusterEvent): void {
    if (event.type === 'workerDraining') {
      this.#draining.set(event.id, event.at);
    } else if (event.type === 'workerExited') {
      this.#draining.delete(event.id);
    }
  }

  #forgetOutputs(): void {
    const places = this.#events.flatMap(({ lastOutput }, place) =>
      lastOutput === undefined ? [] : [place],
    );
    for (const place of places.slice(0, -OUTPUTS)) {
      const { lastOutput: _, ...event } = this.#events[place]!;
      this.#events[place] = event;
    }
  }
}

function hasFailed(event: ClusterEvent): event is Extract<ClusterEvent, { type: 'workerExited' }> {
  return event.type === 'workerExited' && event.reason !== 'left';
}
