import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { PausableServerSet } from '../drain/http/pausable-server-set.js';
import { EventLoopDelay } from '../runtime/vitals/event-loop-delay.js';
import type { EventLoopSampler } from '../runtime/vitals/event-loop-sampler.js';
import type { Host } from '../runtime/host.interface.js';
import { workerMessages } from '../runtime/runtime.messages.js';

/** How often it looks. */
const LOOK_MILLISECONDS = 250;

/** After how many milliseconds it tries again to listen: twice as many each time, up to the most. */
const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 5_000;

/**
 * Keeps new connections away while the event loop of this process is late: those that it has take all
 * that it can do. The host must allow it, as somebody has to take them.
 *
 * @internal
 */
export class LoadShedder {
  readonly #delay: EventLoopDelay;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;
  #isRecalled = false;
  #isOpening = false;
  readonly #stop = new AbortController();

  /**
   * @param maxDelay milliseconds on average from which on it closes; it opens again at half of that
   */
  constructor(
    private readonly maxDelay: number,
    sampler: EventLoopSampler,
    private readonly pausableServers: Pick<PausableServerSet, 'areOpen' | 'open' | 'close'>,
    private readonly host: Pick<Host, 'overloaded' | 'recovered'>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.#delay = new EventLoopDelay(sampler);
    this.#timer = setInterval(() => void this.#look(), LOOK_MILLISECONDS).unref();
  }

  /** The host wants this process to take connections, whatever its event loop does. */
  open(): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    if (this.#isAsking) {
      // It has been granted what it asks for, and taken back before we have heard of it.
      this.#isRecalled = true;
    } else if (!this.pausableServers.areOpen && !this.#isOpening) {
      void this.#open();
    }
  }

  /** From now on the pausable servers are somebody else's. */
  stop(): void {
    this.#stop.abort();
    clearInterval(this.#timer);
    this.#delay.stop();
  }

  /** Another process may have the port for a moment, or this one no descriptor left. */
  async #open(): Promise<void> {
    const { signal } = this.#stop;
    let delay = FIRST_RETRY_MILLISECONDS;
    this.#isOpening = true;
    while (!signal.aborted && !this.pausableServers.areOpen) {
      try {
        await this.pausableServers.open();
        this.host.recovered();
      } catch (error) {
        if (!signal.aborted) {
          this.logger.warn(workerMessages.doesNotListen(error, delay));
          await pause(delay, undefined, { signal, ref: false }).catch(() => {});
          delay = Math.min(2 * delay, LAST_RETRY_MILLISECONDS);
        }
      }
    }
    this.#isOpening = false;
  }

  async #look(): Promise<void> {
    const { mean } = this.#delay.take();
    if (!this.pausableServers.areOpen) {
      if (mean <= this.maxDelay / 2) {
        this.open();
      }
    } else if (mean > this.maxDelay && !this.#isAsking) {
      this.#isAsking = true;
      this.#isRecalled = false;
      const granted = await this.host.overloaded(Math.round(mean));
      this.#isAsking = false;
      if (granted && this.#isRecalled) {
        this.host.recovered();
      } else if (granted && !this.#stop.signal.aborted) {
        // It may have begun to drain while it waited for the answer.
        this.pausableServers.close();
      }
    }
  }
}
