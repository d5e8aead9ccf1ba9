import type { BenchEvent } from './bus-event.js';

/**
 * `event` reaches all other processes; `kept`, too, and is durable, where a candidate knows that;
 * `ping` and `pong` go there and back again.
 */
export type BenchTopic = 'event' | 'kept' | 'ping' | 'pong';

/** What a candidate brings: how events get from one process to the others. */
export interface BenchTransport {
  readonly publish: (topic: BenchTopic, event: BenchEvent) => unknown;
  readonly subscribe: (topic: BenchTopic, handler: (event: BenchEvent) => void) => unknown;
  /** Asks all processes, and sees to it that all have answered. */
  readonly ask?: (event: BenchEvent) => Promise<void>;
  /** Topics that it does not know. */
  readonly lacks?: readonly BenchTopic[];
}
