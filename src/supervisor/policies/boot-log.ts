/** A boot that takes longer than this shows what it logs. */
const QUIET_MILLISECONDS = 10_000;

/** What is to be known of the worker whose boot is logged. @internal */
export interface BootSpeaker {
  /** Whether it has yet to become ready. */
  readonly isStarting: boolean;
  /** Whether it was ever ready, or stood by. */
  readonly hasBooted: boolean;
}

/**
 * Whether the boot of the next worker is logged: the lines of Nest come from one worker, and from another one only if
 * that has failed. What replaces a worker later tells nothing new.
 *
 * @param speaker the last worker whose boot was logged
 * @internal
 */
export function needsSpeaker(speaker: BootSpeaker | undefined): boolean {
  return !speaker || (!speaker.isStarting && !speaker.hasBooted);
}

/**
 * For how many milliseconds a worker holds back what Nest logs of its boot. One that is about to be killed for its
 * boot has shown before how far it came.
 *
 * @param bootTimeout `boot.timeout`
 * @internal
 */
export function quietBootDuration(bootTimeout: number): number {
  return Math.min(QUIET_MILLISECONDS, Math.ceil(bootTimeout / 2));
}
