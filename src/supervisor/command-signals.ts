import { supervisorMessages } from './supervisor.messages.js';

/** What the command signals can do to the host. @internal */
export interface Commandable {
  reload(): void;
  scaleBy(workers: 1 | -1): void;
  stop(signal: NodeJS.Signals, why: string): void;
}

/**
 * Listens to the command signals of the primary: SIGHUP reloads, SIGTTIN adds a worker and SIGTTOU removes one, as
 * with Puma and unicorn.
 *
 * SIGHUP also arrives when the terminal closes. The host then stops: without a terminal, its user could neither see nor end
 * it.
 *
 * @param isHangup whether a SIGHUP that has just arrived means that the terminal has closed
 * @internal
 */
export function listenToCommandSignals(
  target: Commandable,
  isHangup: () => boolean,
  source: Pick<NodeJS.Process, 'on'> = process,
): void {
  source.on('SIGHUP', signal => {
    if (isHangup()) {
      target.stop(signal, supervisorMessages.terminalClosed(signal));
    } else {
      target.reload();
    }
  });
  source.on('SIGTTIN', () => target.scaleBy(1));
  source.on('SIGTTOU', () => target.scaleBy(-1));
}
