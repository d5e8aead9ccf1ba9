/** The longest time for which a worker holds back its boot lines. */
const QUIET_MILLISECONDS = 10_000;

/** The state of the worker whose boot is logged. @internal */
export interface BootSpeaker {
  /** Whether it is not ready yet. */
  readonly isStarting: boolean;
  /** Whether it has ever been ready or on standby. */
  readonly hasBooted: boolean;
}

/**
 * Whether the next worker logs its boot. One worker logs the boot lines of Nest, and another one only if the first one
 * has failed. Replacements do not log them again.
 *
 * @param speaker the last worker whose boot was logged
 * @internal
 */
export function needsSpeaker(speaker: BootSpeaker | undefined): boolean {
  return !speaker || (!speaker.isStarting && !speaker.hasBooted);
}

/**
 * Returns for how many milliseconds a worker holds back its boot lines. It is less than `boot.timeout`, so that the log
 * shows how far a worker came before it is killed.
 *
 * @param bootTimeout `boot.timeout`
 * @internal
 */
export function quietBootDuration(bootTimeout: number): number {
  return Math.min(QUIET_MILLISECONDS, Math.ceil(bootTimeout / 2));
}
