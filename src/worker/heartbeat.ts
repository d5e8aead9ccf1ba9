import type { WorkerVitals } from '../model/host-status.interface.js';
import { EventLoopDelay } from '../runtime/vitals/event-loop-delay.js';
import type { EventLoopSampler } from '../runtime/vitals/event-loop-sampler.js';
import type { Vitals } from '../runtime/vitals/vitals.js';

/** @internal */
export interface Heartbeat {
  /** One more, now. */
  beat(): void;
  stop(): void;
}

/** Of a process that has none. @internal */
export const NO_HEARTBEAT: Heartbeat = { beat: () => {}, stop: () => {} };

/**
 * Tells the primary again and again that this process lives, and how it is doing. It comes from the event
 * loop that serves: when that is blocked, it stops.
 *
 * @param interval milliseconds from one to the next; 0 for none
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
