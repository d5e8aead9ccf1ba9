import { isBootLine } from './boot-contexts.js';
import { interceptLogs, type LogCall } from './logger-calls.js';

/** The longest time for which lines are held. After it, the current logger prints them. */
const HOLD_MILLISECONDS = 10_000;

/**
 * Holds back everything that is logged until the logger is known. Boot lines of Nest are discarded: they are about the
 * context that resolves the options, and not about the application.
 *
 * @returns a function that prints the held lines
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
