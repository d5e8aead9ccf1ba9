import type { BootingApplications } from '../../nest/booting-applications.js';

/** Milliseconds that the application has to go on after a failure, for example with a server that reports the error. */
const GRACE = 1_000;

/** Milliseconds that the primary has to answer a server that is about to listen when nothing else is left to do. */
const ANSWER_MILLISECONDS = 1_000;

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
  #isReleased = false;
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
        this.#timer ??= setTimeout(() => this.#release(), GRACE);
      } else {
        this.#goesOn();
      }
      await this.boots.changed;
    }
  }

  #release(): void {
    this.#isReleased = true;
    this.channel?.unref();
    process.once('beforeExit', this.#awaitAnswer);
  }

  #goesOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isReleased) {
      this.#isReleased = false;
      this.channel?.ref();
      process.off('beforeExit', this.#awaitAnswer);
    }
  }

  /** A server that is about to listen waits for the primary, which alone does not keep the process alive. */
  readonly #awaitAnswer = (): void => void setTimeout(() => {}, ANSWER_MILLISECONDS);
}
