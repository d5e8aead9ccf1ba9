import type { Logger } from '@nestjs/common';
import {
  type BootingApplications,
  bootingApplications,
  type Pending,
} from '../nest/booting-applications.js';
import { setImmediate } from '../system/time/immediates.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import type { Lifecycle } from './lifecycle.js';
import { workerMessages } from './runtime.messages.js';

/** Milliseconds after which the log says what is waited for. */
const TELL_AFTER = 10_000;

const PATIENCE = {
  /** An application that was created may never listen. */
  rest: 500,
  /** Clients of the others must not wait for a broker that is out of reach. */
  microservice: TELL_AFTER + 1_000,
};

/**
 * Makes this process ready when all of its applications listen: other processes then leave requests to it.
 *
 * When an application listens, `main.ts` continues and may create or start the next one. So this is decided a little
 * later, and again whenever an application that boots has come further.
 *
 * @internal
 */
export class Readiness {
  #servesSince: number | undefined;

  /**
   * @param waits whether other applications are waited for. Not in a test run, where they may belong to other tests
   */
  constructor(
    private readonly lifecycle: Pick<Lifecycle, 'ready' | 'beforeAskingToLeave'>,
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly waits: boolean,
    private readonly boots: BootingApplications = bootingApplications,
  ) {
    lifecycle.beforeAskingToLeave(() => this.#readyIfAlone());
  }

  /** Called when a server of an application listens: the application has booted. */
  listens(app: object): void {
    this.boots.ended(app);
  }

  /** Called when an application of this process serves: it listens, or it is a context that has bootstrapped. */
  serves(app?: object): void {
    if (app) {
      this.listens(app);
    }
    if (!this.waits) {
      this.lifecycle.ready();
    } else if (this.#servesSince === undefined) {
      this.#servesSince = monotonicNow();
      void this.#becomeReady(this.#servesSince);
    }
  }

  async #becomeReady(since: number): Promise<void> {
    const telling = setTimeout(() => this.#tell(since), TELL_AFTER).unref();
    do {
      // The microtasks of main.ts run before.
      await new Promise(resolve => setImmediate(resolve));
      await new Promise(resolve => setImmediate(resolve));
    } while (await this.#hasWaited(since));
    clearTimeout(telling);
    this.lifecycle.ready();
  }

  /** Waits for the next change. @returns whether there was something to wait for */
  async #hasWaited(since: number): Promise<boolean> {
    const { until } = this.#pending(since);
    if (until === 0) {
      return false;
    }
    let timer: NodeJS.Timeout | undefined;
    const waits = [this.boots.changed];
    if (until < Infinity) {
      const over = new Promise<void>(resolve => {
        timer = setTimeout(resolve, Math.ceil(until - monotonicNow()));
      });
      waits.push(over);
    }
    await Promise.race(waits);
    clearTimeout(timer);
    return true;
  }

  /** A process that leaves at once has been ready before, unless something else boots. */
  #readyIfAlone(): void {
    if (this.#servesSince !== undefined && this.#pending(this.#servesSince).until === 0) {
      this.lifecycle.ready();
    }
  }

  #pending(since: number): Pending {
    return this.boots.pending({ since, ...PATIENCE });
  }

  #tell(since: number): void {
    const { busy, resting } = this.#pending(since);
    const names = [...busy, ...resting];
    if (names.length > 0) {
      this.logger.warn(workerMessages.waitsFor(names));
    }
  }
}
