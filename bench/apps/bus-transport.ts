import type { BenchEvent } from './bus-event.js';

/**
 * `event` reaches all other processes. `kept` does too, and is durable if a candidate supports this. `ping` and
 * `pong` go to another process and back.
 */
export type BenchTopic = 'event' | 'kept' | 'ping' | 'pong';

/** The interface of a candidate: how events get from one process to the others. */
export interface BenchTransport {
  readonly publish: (topic: BenchTopic, event: BenchEvent) => unknown;
  readonly subscribe: (topic: BenchTopic, handler: (event: BenchEvent) => void) => unknown;
  /** Asks all processes, and checks that all have answered. */
  readonly ask?: (event: BenchEvent) => Promise<void>;
  /** The topics that the candidate does not support. */
  readonly lacks?: readonly BenchTopic[];
}
