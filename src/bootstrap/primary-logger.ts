import { ConsoleLogger, Logger } from '@nestjs/common';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { labelConsoleLines } from '../nest/label-console-lines.js';
import { logAs, logLabel } from './cluster-log-fields.js';

type LoggerOption = ResolvedClusterOptions['logger'];

/**
 * Has Nest's `Logger` use the logger of the options in this process, which is the primary. Without one, the logger of
 * `NestFactory.create()` stays.
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

/**
 * Whether lines of text between those of the primary's logger would be out of place: it writes records, as far as can
 * be known. Of a logger that is not Nest's, that is taken for granted if it is an option.
 *
 * @internal
 */
export function writesRecords(option: LoggerOption): boolean {
  const { staticInstanceRef: inUse } = Logger as unknown as {
    readonly staticInstanceRef?: unknown;
  };
  const logger = option ?? inUse;
  if (logger instanceof ConsoleLogger) {
    return Boolean(
      (logger as unknown as { readonly options?: { readonly json?: boolean } }).options?.json,
    );
  }
  return option !== null;
}
