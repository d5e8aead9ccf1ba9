import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between looks: a loop that does nothing but look would make garbage, and so the pauses. */
const LOOK = 1;

/** Watches for how long the event loop of this process is kept from going on, from now on. */
export class PauseWatch {
  #delays = monitorEventLoopDelay({ resolution: LOOK });
  /** Numbers in fields of an object would be garbage, too. The last look, and the longest gap. */
  #times = new Float64Array([performance.now(), 0]);
  #timer = setTimeout(() => this.#look(), LOOK);

  constructor() {
    this.#delays.enable();
  }

  /**
   * Milliseconds: between two looks of this process, and as perf_hooks saw it.
   */
  stop() {
    clearTimeout(this.#timer);
    this.#delays.disable();
    return { longestGap: this.#times[1], longestDelay: this.#delays.max / 1e6 };
  }

  #look() {
    // Not before what else there is to do has had its turn.
    setImmediate(this.#note);
  }

  #note = () => {
    const now = performance.now();
    this.#times[1] = Math.max(this.#times[1] ?? 0, now - (this.#times[0] ?? now));
    this.#times[0] = now;
    this.#timer.refresh();
  };
}
