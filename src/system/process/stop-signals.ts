import type { Clock } from '../time/clock.js';

/**
 * Signals this close together are one: `npm` and `nest start` forward a Ctrl-C that the terminal has
 * already sent to the whole process group.
 */
const SAME_SIGNAL_MILLISECONDS = 500;

/** What a shell calls a process that was ended by SIGINT. */
const INTERRUPTED = 130;

/** @internal */
export interface Stoppable {
  stop(signal: NodeJS.Signals): void;
  stopAtOnce(exitCode: number): void;
}

/**
 * SIGTERM and SIGINT stop the process; a further SIGINT stops it at once. The answer takes the
 * listeners away.
 *
 * @internal
 */
export function listenToStopSignals(
  target: Stoppable,
  clock: Pick<Clock, 'now'>,
  source: Pick<NodeJS.Process, 'on' | 'off'> = process,
): () => void {
  let lastSignalAt: number | undefined;

  const onSignal = (signal: NodeJS.Signals): void => {
    const sinceLast = lastSignalAt === undefined ? undefined : clock.now() - lastSignalAt;
    lastSignalAt = clock.now();
    if (sinceLast === undefined) {
      target.stop(signal);
    } else if (signal === 'SIGINT' && sinceLast >= SAME_SIGNAL_MILLISECONDS) {
      target.stopAtOnce(INTERRUPTED);
    }
  };

  source.on('SIGTERM', onSignal);
  source.on('SIGINT', onSignal);
  return () => {
    source.off('SIGTERM', onSignal);
    source.off('SIGINT', onSignal);
  };
}
