/** The logging of a primary that does not load Nest. @internal */
export interface LoggingData {
  /** The levels that are printed. */
  readonly levels: readonly string[];
  readonly prefix: string;
  readonly colors: boolean;
  /** Whether each line is a JSON record. */
  readonly json: boolean;
  /** Whether each line has the milliseconds since the last one. */
  readonly timestamp: boolean;
  /** Whether times look as {@link plainTime} returns them; otherwise, `Intl` is needed. */
  readonly plainTime: boolean;
}

/** What Nest's `ConsoleLogger` does by default, as long as the application has not reported its own. @internal */
export function defaultLogging(json: boolean, env: NodeJS.ProcessEnv): LoggingData {
  return {
    levels: ['log', 'warn', 'error', 'fatal'],
    prefix: 'Nest',
    colors: !json && !env['NO_COLOR'],
    json,
    timestamp: false,
    plainTime: false,
  };
}

/**
 * Returns a time as `Intl.DateTimeFormat` formats it for Nest in American English, which is the default almost
 * everywhere. `Intl` itself takes 8 MB of memory.
 *
 * @internal
 */
export function plainTime(time: number): string {
  const date = new Date(time);
  const hours = date.getHours();
  const day = `${two(date.getMonth() + 1)}/${two(date.getDate())}/${date.getFullYear()}`;
  const clock = `${hours % 12 || 12}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}, ${clock} ${hours < 12 ? 'AM' : 'PM'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Returns a time as Nest prints it. @internal */
export function localTime(time: number): string {
  formatter ??= new Intl.DateTimeFormat(undefined, {
    year: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    day: '2-digit',
    month: '2-digit',
  });
  return formatter.format(time);
}

let formatter: Intl.DateTimeFormat | undefined;
