import { closeSync, openSync } from 'node:fs';
import { isOutOfDescriptors } from '../system/process/out-of-descriptors.js';

/** Opening it fails with ENXIO if the process has no controlling terminal, or has lost it. */
const TERMINAL = '/dev/tty';

/** What the command signals can do to the host. @internal */
export interface Commandable {
  reload(): void;
  scaleBy(workers: 1 | -1): void;
  stop(signal: NodeJS.Signals): void;
}

/**
 * Listens to the command signals of the primary: SIGHUP reloads, SIGTTIN adds a worker and SIGTTOU removes one, as
 * with Puma and unicorn.
 *
 * The kernel also sends SIGHUP when the terminal is closed. The host then stops, because nobody would see it run on.
 *
 * @param hasTerminal whether this process has a terminal
 * @internal
 */
export function listenToCommandSignals(
  target: Commandable,
  hasTerminal: () => boolean = canOpenTerminal,
  source: Pick<NodeJS.Process, 'on'> = process,
): void {
  const hadTerminal = hasTerminal();
  source.on('SIGHUP', signal => {
    if (hadTerminal && !hasTerminal()) {
      target.stop(signal);
    } else {
      target.reload();
    }
  });
  source.on('SIGTTIN', () => target.scaleBy(1));
  source.on('SIGTTOU', () => target.scaleBy(-1));
}

/** Whether this process has a terminal. @internal */
export function canOpenTerminal(open: (path: string, flags: string) => number = openSync): boolean {
  try {
    closeSync(open(TERMINAL, 'r'));
    return true;
  } catch (error) {
    return isOutOfDescriptors(error);
  }
}
