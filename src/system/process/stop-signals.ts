import type { Clock } from '../time/clock.js';

/**
 * Milliseconds within which repeated signals count as one: `npm` and `nest start` forward a Ctrl-C that the terminal
 * has already sent to the whole process group.
 */
const SAME_SIGNAL_MILLISECONDS = 500;

/** The exit code of a process that was ended by SIGINT, as in shells. */
const INTERRUPTED = 130;

/** @internal */
export interface Stoppable {
  stop(signal: NodeJS.Signals): void;
  stopAtOnce(exitCode: number): void;
}

/**
 * Listens to stop signals: SIGTERM and SIGINT stop the process, and a further SIGINT stops it at once.
 *
 * @returns a function that stops listening
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
