import type { LoggerService } from '@nestjs/common';

/** What the primary logs with. @internal */
export type ContextLogger = Required<Pick<LoggerService, 'log' | 'warn' | 'error' | 'fatal'>>;

/**
 * The log of the primary. Its code does not import Nest, so that a primary without the application can run it.
 *
 * @internal
 */
export interface HostLogger {
  /**
   * Whether the lines are JSON records, among which lines of text would be out of place. A logger other than Nest's is
   * assumed to write records if it is set in the options.
   */
  readonly writesRecords: boolean;
  /** Returns the logger for lines with this context. */
  named(context: string): ContextLogger;
  /** Prints what was logged before the logger was known. */
  flush(): void;
}
