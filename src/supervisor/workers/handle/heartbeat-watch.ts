import type { Clock } from '../../../system/time/clock.js';

/** How many times it looks in the time from one heartbeat to the next. */
const LOOKS_PER_INTERVAL = 4;

/**
 * Waits for the heartbeats of one worker. What counts is how often it has looked in vain, and not the time:
 * a primary that was suspended itself, with the whole machine or by a debugger, has heard nobody.
 *
 * @internal
 */
export class HeartbeatWatch {
  #inVain = 0;
  #state: 'stopped' | 'watching' | 'silent' = 'stopped';
  #isSuspended = false;
  #cancel: () => void = () => {};

  /** @param onSilent called once, when none has come for `timeout` milliseconds */
  constructor(
    private readonly clock: Clock,
    private readonly heartbeat: { readonly interval: number; readonly timeout: number },
    private readonly onSilent: () => void,
  ) {}

  /** Milliseconds for which it has looked in vain for a heartbeat that should have come. */
  get overdue(): number {
    return this.#isSuspended ? 0 : Math.max(0, Math.round(this.#silence - this.heartbeat.interval));
  }

  /** Whether none has come for `timeout` milliseconds. */
  get isSilent(): boolean {
    return this.#state === 'silent';
  }

  start(): void {
    this.#state = this.heartbeat.interval > 0 ? 'watching' : 'stopped';
    this.#look();
  }

  /** A heartbeat has come, or any other sign of life. */
  beat(): void {
    this.#inVain = 0;
  }

  stop(): void {
    this.#state = 'stopped';
    this.#inVain = 0;
    this.#cancel();
  }

  /** Does not look until `resume()`: the worker may be waiting for us. What it has counted stays. */
  suspend(): void {
    this.#isSuspended = true;
    this.#cancel();
  }

  resume(): void {
    this.#isSuspended = false;
    this.#look();
  }

  #look(): void {
    const { interval, timeout } = this.heartbeat;
    if (this.#state !== 'watching' || this.#isSuspended) {
      return;
    }
    this.#cancel();
    this.#cancel = this.clock.after(interval / LOOKS_PER_INTERVAL, () => {
      this.#inVain++;
      if (this.#silence > timeout) {
        this.#state = 'silent';
        this.onSilent();
      } else {
        this.#look();
      }
    });
  }

  get #silence(): number {
    return (this.#inVain * this.heartbeat.interval) / LOOKS_PER_INTERVAL;
  }
}
