/** Milliseconds between beats. */
const BEAT = 5_000;

/**
 * Beats while it is started. What came in before is read before: what is unanswered at a beat was not
 * merely not read because this process was busy.
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
