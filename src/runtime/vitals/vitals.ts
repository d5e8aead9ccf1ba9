import type { BusVitals, WorkerVitals } from '../../model/host-status.interface.js';
import type { EventLoopSampler } from './event-loop-sampler.js';
import { EventLoopWindow } from './event-loop-window.js';

/** The vitals of a process. @internal */
export type ProcessVitals = Omit<WorkerVitals, 'eventLoopDelay'>;

/** The vitals of this process, measured from the moment at which they were requested. @internal */
export interface WatchedVitals {
  now(): ProcessVitals;
  /** Stops measuring. Call it once. */
  stop(): void;
}

interface Bus {
  readonly vitals: () => BusVitals;
  readonly queueBytes: () => number;
}

/**
 * Measures the vitals of this process.
 *
 * @internal
 */
export class Vitals {
  readonly #buses = new Set<Bus>();
  #window: EventLoopWindow | undefined;
  #watchers = 0;
  #memory = 0;

  constructor(
    private readonly sampler: EventLoopSampler,
    private readonly requests: () => number,
  ) {}

  /** Adds the bus of an application, and returns a function that removes it. */
  addBus(vitals: () => BusVitals, queueBytes: () => number): () => void {
    const bus = { vitals, queueBytes };
    this.#buses.add(bus);
    return () => this.#buses.delete(bus);
  }

  /** The bytes of all events that wait for their handlers. */
  get queueBytes(): number {
    return [...this.#buses].reduce((bytes, { queueBytes }) => bytes + queueBytes(), 0);
  }

  /** Discards measurements of the boot, which keeps the event loop busy. */
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
      memory: this.#readMemory(),
      requests: this.requests(),
      eventLoopDelayP99: Math.round(delayP99),
      eventLoopUtilization: Math.round(utilization * 1_000) / 1_000,
      ...(this.#buses.size > 0 && { bus: sum([...this.#buses].map(({ vitals }) => vitals())) }),
    };
  }

  /**
   * Returns the resident set size in bytes; the last known one, or 0, if it cannot be read. Node opens a file of `/proc`
   * to read it, and throws if this process has no free file descriptor.
   */
  #readMemory(): number {
    try {
      this.#memory = process.memoryUsage.rss();
    } catch {}
    return this.#memory;
  }
}

/** Adds up the buses of several applications. */
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
