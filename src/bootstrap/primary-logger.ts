import { ConsoleLogger, Logger } from '@nestjs/common';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { labelConsoleLines } from '../nest/label-console-lines.js';
import { logAs, logLabel } from './cluster-log-fields.js';

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

/**
 * Whether the primary logs JSON records, among which lines of text would be out of place. A logger other than Nest's is
 * assumed to write records if it is set in the options.
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
