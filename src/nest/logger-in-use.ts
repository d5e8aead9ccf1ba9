import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';

/** The options of a `ConsoleLogger`. */
type ConsoleOptions = Readonly<Record<string, unknown>>;

/** Returns the logger that Nest's `Logger` uses; `undefined` if logging is off. @internal */
export function loggerInUse(): unknown {
  return (Logger as unknown as { readonly staticInstanceRef?: unknown }).staticInstanceRef;
}

/**
 * Returns the options of Nest's own logger.
 *
 * @returns `undefined` for other loggers, and for subclasses
 * @internal
 */
export function consoleOptionsOf(logger: unknown): ConsoleOptions | undefined {
  return logger instanceof ConsoleLogger && logger.constructor === ConsoleLogger
    ? optionsOf(logger)
    : undefined;
}

/** Whether a logger writes JSON records; `undefined` if it is neither Nest's own nor a subclass. @internal */
export function isJsonLogger(logger: unknown): boolean | undefined {
  return logger instanceof ConsoleLogger ? Boolean(optionsOf(logger)['json']) : undefined;
}

/** Whether logging is off, or the logger is Nest's own, or a subclass, and prints no lines of this level. @internal */
export function isOff(logger: unknown, level: LogLevel): boolean {
  return logger === undefined || (logger instanceof ConsoleLogger && !logger.isLevelEnabled(level));
}

function optionsOf(logger: ConsoleLogger): ConsoleOptions {
  return (logger as unknown as { readonly options?: ConsoleOptions }).options ?? {};
}
