import { ConsoleLogger, Logger } from '@nestjs/common';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { labelConsoleLines } from '../nest/label-console-lines.js';
import { isJsonLogger, loggerInUse } from '../nest/logger-in-use.js';
import { logAs, logLabel } from './cluster-log-fields.js';
import type { HostLogger } from './host-logger.interface.js';

type LoggerOption = ResolvedClusterOptions['logger'];

/**
 * Sets the logger of the primary: the one of the options, or the one of `NestFactory.create()` if there is none.
 *
 * @internal
 */
export function usePrimaryLogger(logger: LoggerOption): void {
  logAs('primary');
  labelConsoleLines(logLabel);
  if (logger !== null) {
    Logger.overrideLogger(logger === 'json' ? new ConsoleLogger({ json: true }) : logger);
  }
}

/** Returns the log of a primary that has loaded Nest: Nest's `Logger`, with the logger of the application. @internal */
export function nestHostLogger(option: LoggerOption): HostLogger {
  return {
    writesRecords: isJsonLogger(option ?? loggerInUse()) ?? option !== null,
    named: context => new Logger(context),
    flush: () => Logger.flush(),
  };
}
