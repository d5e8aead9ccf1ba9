/** Milliseconds between two beats. */
const BEAT = 5_000;

/**
 * Calls `onBeat` regularly while it is started. Pending input is read before each beat, so a missing answer is not
 * due to a busy process.
 *
 * @internal
 */
export class Keepalive {
  #timer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Immediate | undefined;

  constructor(private readonly onBeat: () => void) {}

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#beat = setImmediate(this.onBeat);
    }, BEAT);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#beat);
  }
}
