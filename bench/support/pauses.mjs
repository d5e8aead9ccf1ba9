import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two checks. A loop without a delay would produce garbage, and so the pauses. */
const LOOK = 1;

/** Measures the pauses of the event loop of this process from now on. */
export class PauseWatch {
  #delays = monitorEventLoopDelay({ resolution: LOOK });
  /** Numbers in fields of an object would produce garbage too. The last check, and the longest gap. */
  #times = new Float64Array([performance.now(), 0]);
  #timer = setTimeout(() => this.#look(), LOOK);

  constructor() {
    this.#delays.enable();
  }

  /**
   * In milliseconds: between two checks of this process, and as reported by perf_hooks.
   */
  stop() {
    clearTimeout(this.#timer);
    this.#delays.disable();
    return { longestGap: this.#times[1], longestDelay: this.#delays.max / 1e6 };
  }

  #look() {
    // Not before all pending callbacks have run.
    setImmediate(this.#note);
  }

  #note = () => {
    const now = performance.now();
    this.#times[1] = Math.max(this.#times[1] ?? 0, now - (this.#times[0] ?? now));
    this.#times[0] = now;
    this.#timer.refresh();
  };
}
