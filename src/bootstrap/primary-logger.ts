import { ConsoleLogger, Logger } from '@nestjs/common';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { watchExceptionHandler } from '../nest/exception-handler.js';
import { labelConsoleLines } from '../nest/label-console-lines.js';
import { isJsonLogger, isOff, loggerInUse } from '../nest/logger-in-use.js';
import { logAs, logLabel } from './cluster-log-fields.js';
import type { HostLogger } from './host-logger.interface.js';

type LoggerOption = ResolvedClusterOptions['logger'];

/** The last option that was set, as long as errors are watched. */
let current: LoggerOption | undefined;

/**
 * Sets the logger of the primary: the one of the options, or the one of `NestFactory.create()` if there is none. It logs an
 * error that ends the primary in `create()`, even if logging is off.
 *
 * @internal
 */
export function usePrimaryLogger(logger: LoggerOption): void {
  logAs('primary');
  labelConsoleLines(logLabel);
  setLogger(logger);
  if (current === undefined) {
    watchExceptionHandler(logFailure);
  }
  current = logger;
}

function setLogger(logger: LoggerOption): void {
  if (logger !== null) {
    Logger.overrideLogger(logger === 'json' ? new ConsoleLogger({ json: true }) : logger);
  }
}

/** Makes Nest log the error that follows. Nest has set the logger of `create()` after that of the options. */
function logFailure(): void {
  setLogger(current ?? null);
  if (isOff(loggerInUse(), 'error')) {
    Logger.overrideLogger(new ConsoleLogger());
  }
  // With `autoFlushLogs: false`, Nest would not print it.
  Logger.flush();
}

/** Returns the log of a primary that has loaded Nest: Nest's `Logger`, with the logger of the application. @internal */
export function nestHostLogger(option: LoggerOption): HostLogger {
  return {
    writesRecords: isJsonLogger(option ?? loggerInUse()) ?? option !== null,
    named: context => (loggerInUse() === undefined ? onlyFatal(context) : new Logger(context)),
    flush: () => Logger.flush(),
  };
}

/** Logs nothing but the reason why the host gives up. */
function onlyFatal(context: string): Logger {
  const fallback = new ConsoleLogger(context);
  return Object.assign(new Logger(context), {
    fatal: (reason: unknown) => fallback.fatal(reason),
  });
}
