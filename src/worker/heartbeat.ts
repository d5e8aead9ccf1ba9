import type { WorkerVitals } from '../events/worker-facts.js';
import { EventLoopDelay } from './event-loop-delay.js';
import type { EventLoopSampler } from './event-loop-sampler.js';
import type { Vitals } from './vitals.js';

/**
 * Tells the primary again and again that this process lives, and how it is doing. It comes from the event
 * loop that serves: when that is blocked, it stops.
 *
 * @param interval milliseconds from one to the next; 0 for none
 * @returns ends it
 * @internal
 */
export function startHeartbeat(
  interval: number,
  sampler: EventLoopSampler,
  vitals: Vitals,
  tell: (vitals: WorkerVitals) => void,
): () => void {
  if (interval === 0) {
    return () => {};
  }
  const delay = new EventLoopDelay(sampler);
  const watched = vitals.watch();
  const beat = (): void => tell({ ...watched.now(), eventLoopDelay: Math.round(delay.take().max) });
  beat();
  const timer = setInterval(beat, interval).unref();
  return () => {
    clearInterval(timer);
    watched.stop();
    delay.stop();
  };
}
