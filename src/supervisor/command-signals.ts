import { closeSync, openSync } from 'node:fs';

/** Opening it fails with ENXIO for a process that has no terminal, or has no longer. */
const TERMINAL = '/dev/tty';

/** What signals to the primary can make of its host. @internal */
export interface Commandable {
  reload(): void;
  scaleBy(workers: 1 | -1): void;
  stop(signal: NodeJS.Signals): void;
}

/**
 * SIGHUP reloads, SIGTTIN adds a worker and SIGTTOU takes one away, as with Puma and unicorn.
 *
 * A SIGHUP is also what is left of a terminal that was closed: then it stops the host, which would
 * otherwise live on unseen.
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

function canOpenTerminal(): boolean {
  try {
    closeSync(openSync(TERMINAL, 'r'));
    return true;
  } catch {
    return false;
  }
}
