import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { PausableServerSet } from '../drain/http/pausable-server-set.js';
import { EventLoopDelay } from '../runtime/vitals/event-loop-delay.js';
import type { EventLoopSampler } from '../runtime/vitals/event-loop-sampler.js';
import type { Host } from '../runtime/host.interface.js';
import { workerMessages } from '../runtime/runtime.messages.js';

/** Milliseconds between two checks. */
const LOOK_MILLISECONDS = 250;

/** Milliseconds until the first and between the last attempts to listen again; the delay doubles each time. */
const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 5_000;

/**
 * Stops accepting new connections while the event loop of this process is late, so that it can handle those that it
 * has. The host must agree, because other workers have to accept connections.
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
   * @param maxDelay mean delay in ms above which it stops accepting; it accepts again at half of that
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

  /** Accepts connections again because the host requires it, whatever the delay. */
  open(): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    if (this.#isAsking) {
      // The permission that was requested has been granted and revoked before its answer was handled.
      this.#isRecalled = true;
    } else if (!this.pausableServers.areOpen && !this.#isOpening) {
      void this.#open();
    }
  }

  /** Stops controlling the pausable servers. */
  stop(): void {
    this.#stop.abort();
    clearInterval(this.#timer);
    this.#delay.stop();
  }

  /**
   * Listens again, with retries: another process may have the port for a moment, or this process no file descriptor
   * left.
   */
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
        // The drain may have begun while it waited for the answer.
        this.pausableServers.close();
      }
    }
  }
}
