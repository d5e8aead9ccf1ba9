import { repeatAfterReading } from '../../system/time/repeat-after-reading.js';

/** Milliseconds between two beats. */
const BEAT = 5_000;

/**
 * Calls `onBeat` regularly while it is started. Pending input is read before each beat, so a missing answer is not
 * due to a busy process.
 *
 * @internal
 */
export class Keepalive {
  #stop: (() => void) | undefined;

  constructor(private readonly onBeat: () => void) {}

  start(): void {
    this.#stop ??= repeatAfterReading(BEAT, this.onBeat);
  }

  stop(): void {
    this.#stop?.();
  }
}
