import { isBootLine } from './boot-contexts.js';
import { interceptLogs, type LogCall } from './logger-calls.js';

/** After this time, lines are printed by the logger that there is. */
const HOLD_MILLISECONDS = 10_000;

/**
 * Holds back everything that is logged, until it is known by which logger. What Nest tells of a start is forgotten:
 * what starts is not the application.
 *
 * @returns prints what was held back
 * @internal
 */
export function holdLines(milliseconds = HOLD_MILLISECONDS): () => void {
  const held: LogCall[] = [];
  const stop = interceptLogs(call => {
    if (!isBootLine(call)) {
      held.push(call);
    }
    return true;
  });
  const release = (): void => {
    clearTimeout(timer);
    process.off('exit', release);
    stop();
    held.splice(0).forEach(({ print }) => print());
  };
  const timer = setTimeout(release, milliseconds).unref();
  process.once('exit', release);
  return release;
}
