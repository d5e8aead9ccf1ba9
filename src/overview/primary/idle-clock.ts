import { type Clock, systemClock } from '../../system/time/clock.js';
import { DeadlineTimer } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';

/** The clock of the process, with timers that do not keep the process alive. @internal */
export const idleClock: Clock = {
  ...systemClock,
  after: (delay, task) => {
    const timer = new DeadlineTimer(() => task());
    timer.set(monotonicNow() + delay);
    timer.unref();
    return () => timer.clear();
  },
};
