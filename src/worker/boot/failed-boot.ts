import type { BootingApplications } from '../../nest/booting-applications.js';

/** Milliseconds that the application has to go on after a failure, for example with a server that reports the error. */
const GRACE = 1_000;

/** The channel to the primary. */
type Channel = Pick<NonNullable<typeof process.channel>, 'ref' | 'unref'>;

/**
 * Lets this worker end when it has nothing left to do after its boot has failed, as a process without workers does. If
 * the application has caught the error, only the channel to the primary keeps the process alive.
 *
 * @internal
 */
export class FailedBoot {
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(
    private readonly boots: Pick<BootingApplications, 'hasFailed' | 'changed'>,
    private readonly channel: Channel | null | undefined = process.channel,
  ) {
    void this.#watch();
  }

  /** Stops watching, because the worker has booted. */
  end(): void {
    this.#isEnded = true;
    this.#goesOn();
  }

  async #watch(): Promise<void> {
    while (!this.#isEnded) {
      if (this.boots.hasFailed) {
        this.#timer ??= setTimeout(() => this.channel?.unref(), GRACE);
      } else {
        this.#goesOn();
      }
      await this.boots.changed;
    }
  }

  #goesOn(): void {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.channel?.ref();
    }
  }
}
