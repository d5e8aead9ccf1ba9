import type { WorkerVitals } from '../events/worker-facts.js';
import { EventLoopDelay } from './event-loop-delay.js';

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
  requests: () => number,
  tell: (vitals: WorkerVitals) => void,
): () => void {
  if (interval === 0) {
    return () => {};
  }
  const delay = new EventLoopDelay();
  const timer = setInterval(() => {
    tell({
      memory: process.memoryUsage.rss(),
      requests: requests(),
      eventLoopDelay: Math.round(delay.take().max),
    });
  }, interval).unref();
  return () => {
    clearInterval(timer);
    delay.stop();
  };
}
