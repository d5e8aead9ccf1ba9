import type { BusVitals, WorkerVitals } from '../../model/host-status.interface.js';
import type { EventLoopSampler } from './event-loop-sampler.js';
import { EventLoopWindow } from './event-loop-window.js';

/** How a process is doing, at any time. @internal */
export type ProcessVitals = Omit<WorkerVitals, 'eventLoopDelay'>;

/** How this process is doing, from the moment on at which somebody wanted to know. @internal */
export interface WatchedVitals {
  now(): ProcessVitals;
  /** Nobody wants to know any more. Once. */
  stop(): void;
}

/**
 * Where to look to see how this process is doing.
 *
 * @internal
 */
export class Vitals {
  readonly #buses = new Set<() => BusVitals>();
  #window: EventLoopWindow | undefined;
  #watchers = 0;

  constructor(
    private readonly sampler: EventLoopSampler,
    private readonly requests: () => number,
  ) {}

  /** The bus of one application, until the answer is called. */
  addBus(vitals: () => BusVitals): () => void {
    this.#buses.add(vitals);
    return () => this.#buses.delete(vitals);
  }

  /** What was before does not count: booting an application takes an event loop all that it has. */
  begin(): void {
    this.sampler.restart();
    this.#window?.restart();
  }

  watch(): WatchedVitals {
    const window = (this.#window ??= new EventLoopWindow(this.sampler));
    this.#watchers++;
    return { now: () => this.#read(window), stop: () => this.#unwatch(window) };
  }

  #unwatch(window: EventLoopWindow): void {
    this.#watchers--;
    if (this.#watchers === 0) {
      window.stop();
      this.#window = undefined;
    }
  }

  #read({ delayP99, utilization }: EventLoopWindow): ProcessVitals {
    return {
      memory: process.memoryUsage.rss(),
      requests: this.requests(),
      eventLoopDelayP99: Math.round(delayP99),
      eventLoopUtilization: Math.round(utilization * 1_000) / 1_000,
      ...(this.#buses.size > 0 && { bus: sum([...this.#buses].map(vitals => vitals())) }),
    };
  }
}

/** A process may have more than one application. */
function sum(buses: readonly BusVitals[]): BusVitals {
  return buses.reduce((one, other) => ({
    gaps: one.gaps + other.gaps,
    missed: one.missed + other.missed,
    missedLately: one.missedLately + other.missedLately,
    queued: one.queued + other.queued,
    fullness: Math.max(one.fullness, other.fullness),
    unsent: one.unsent + other.unsent,
  }));
}
