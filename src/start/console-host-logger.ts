import { logLabel } from '../bootstrap/cluster-log-fields.js';
import type { ContextLogger, HostLogger } from '../bootstrap/host-logger.interface.js';
import { defaultLogging, localTime, type LoggingData, plainTime } from './logging-data.js';

type Level = keyof ContextLogger;

const END = '\u001B[39m';
const COLORS: Readonly<Record<Level, readonly [begin: string, end: string]>> = {
  log: ['\u001B[32m', END],
  warn: ['\u001B[33m', END],
  error: ['\u001B[31m', END],
  fatal: ['\u001B[1m', '\u001B[0m'],
};
const YELLOW = '\u001B[38;5;3m';

/** Where lines are written. */
type Streams = Readonly<Record<'stdout' | 'stderr', Pick<NodeJS.WritableStream, 'write'>>>;

/**
 * The log of a primary that does not load Nest. It prints the lines that Nest's `ConsoleLogger` would print; loading
 * that class takes 10 MB of memory.
 *
 * @internal
 */
export class ConsoleHostLogger implements HostLogger {
  #lastTime = 0;

  /** @param logging the logging; if it is `null`, only the reason why the host gives up is printed */
  constructor(
    private logging: LoggingData | null,
    private readonly streams: Streams = process,
    private readonly now: () => number = Date.now,
  ) {}

  get writesRecords(): boolean {
    return this.logging?.json ?? false;
  }

  /** Changes the logging from now on, also of loggers that exist already. */
  use(logging: LoggingData | null): void {
    this.logging = logging;
  }

  named(context: string): ContextLogger {
    const printer =
      (level: Level) =>
      (message: unknown, stack?: unknown): void =>
        this.#print(level, String(message), context, stack as string | undefined);
    return {
      log: printer('log'),
      warn: printer('warn'),
      error: printer('error'),
      fatal: printer('fatal'),
    };
  }

  flush(): void {}

  #print(level: Level, message: string, context: string, stack: string | undefined): void {
    const logging = this.logging ?? (level === 'fatal' ? defaultLogging(false, process.env) : null);
    if (!logging?.levels.includes(level)) {
      return;
    }
    const stream = this.streams[level === 'error' || level === 'fatal' ? 'stderr' : 'stdout'];
    const time = this.now();
    if (logging.json) {
      stream.write(`${record(level, message, context, stack, time)}\n`);
    } else {
      stream.write(this.#line(logging, level, message, context, time));
      if (stack) {
        this.streams.stderr.write(`${stack}\n`);
      }
    }
  }

  #line(
    { prefix, colors, timestamp, plainTime: isPlain }: LoggingData,
    level: Level,
    message: string,
    context: string,
    time: number,
  ): string {
    const [begin, end] = colors ? COLORS[level] : ['', ''];
    const inColor = (text: string): string => begin + text + end;
    const inYellow = (text: string): string => (colors ? YELLOW + text + END : text);
    const diff = timestamp && this.#lastTime ? inYellow(` +${time - this.#lastTime}ms`) : '';
    this.#lastTime = time;
    const label = inColor(`[${prefix}] ${logLabel().text ?? process.pid}  - `);
    const name = inColor(level.toUpperCase().padStart(7));
    const when = isPlain ? plainTime(time) : localTime(time);
    return `${label}${when} ${name} ${inYellow(`[${context}] `)}${inColor(message)}${diff}\n`;
  }
}

function record(
  level: Level,
  message: string,
  context: string,
  stack: string | undefined,
  timestamp: number,
): string {
  return JSON.stringify({
    level,
    pid: process.pid,
    ...logLabel().fields,
    timestamp,
    message,
    context,
    ...(stack && { stack }),
  });
}
