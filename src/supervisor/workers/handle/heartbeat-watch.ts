import type { Clock } from '../../../system/time/clock.js';

/** The number of checks in one heartbeat interval. */
const LOOKS_PER_INTERVAL = 4;

/**
 * Watches the heartbeats of one worker. It counts checks without a heartbeat instead of time: a primary that was
 * suspended itself, with the machine or by a debugger, has received no heartbeats either.
 *
 * @internal
 */
export class HeartbeatWatch {
  #inVain = 0;
  #state: 'stopped' | 'watching' | 'silent' = 'stopped';
  #isSuspended = false;
  #cancel: () => void = () => {};

  /**
   * @param onSilent called once, when no heartbeat has come for `timeout` milliseconds
   */
  constructor(
    private readonly clock: Clock,
    private readonly heartbeat: { readonly interval: number; readonly timeout: number },
    private readonly onSilent: () => void,
  ) {}

  /** Milliseconds by which the next heartbeat is overdue. */
  get overdue(): number {
    return this.#isSuspended ? 0 : Math.max(0, Math.round(this.#silence - this.heartbeat.interval));
  }

  /** Starts checking, if it has not yet. */
  start(): void {
    if (this.#state === 'stopped' && this.heartbeat.interval > 0) {
      this.#state = 'watching';
      this.#look();
    }
  }

  /** Notes a heartbeat, or any other message. */
  beat(): void {
    this.#inVain = 0;
  }

  stop(): void {
    this.#state = 'stopped';
    this.#inVain = 0;
    this.#cancel();
  }

  /**
   * Stops checking until `resume()`, because the worker may be blocked by the primary. Checks that were counted
   * remain.
   */
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
