import type { WorkerVitals } from '../model/host-status.interface.js';
import { EventLoopDelay } from '../runtime/vitals/event-loop-delay.js';
import type { EventLoopSampler } from '../runtime/vitals/event-loop-sampler.js';
import type { Vitals } from '../runtime/vitals/vitals.js';

/** @internal */
export interface Heartbeat {
  /** Sends a heartbeat now. */
  beat(): void;
  stop(): void;
}

/** The heartbeat of a process that sends none. @internal */
export const NO_HEARTBEAT: Heartbeat = { beat: () => {}, stop: () => {} };

/**
 * Sends heartbeats with the vitals of this process to the primary. They are sent by the event loop that serves
 * requests, so they stop when it is blocked.
 *
 * @param interval milliseconds between two heartbeats; 0 for none
 * @internal
 */
export function startHeartbeat(
  interval: number,
  sampler: EventLoopSampler,
  vitals: Vitals,
  tell: (vitals: WorkerVitals) => void,
): Heartbeat {
  if (interval === 0) {
    return NO_HEARTBEAT;
  }
  const delay = new EventLoopDelay(sampler);
  const watched = vitals.watch();
  const beat = (): void => tell({ ...watched.now(), eventLoopDelay: Math.round(delay.take().max) });
  const timer = setInterval(beat, interval).unref();
  return {
    beat,
    stop: () => {
      clearInterval(timer);
      watched.stop();
      delay.stop();
    },
  };
}
