import { ConsoleLogger } from '@nestjs/common';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { consoleOptionsOf, loggerInUse } from '../nest/logger-in-use.js';
import { defaultLogging, localTime, type LoggingData, plainTime } from './logging-data.js';

/** The options of `ConsoleLogger` that change lines of text from this package, and can be passed on. */
const PASSED = new Set(['prefix', 'colors', 'json', 'timestamp', 'logLevels']);

/** Those that change nothing about them: they concern objects, or the way to the same stream. */
const WITHOUT_EFFECT = new Set([
  'breakLength',
  'context',
  'depth',
  'flattenParams',
  'forceConsole',
  'maxArrayLength',
  'maxStringLength',
  'showHidden',
  'sorted',
]);

/** A time in the morning and one in the afternoon. */
const SAMPLES = [new Date(2026, 0, 2, 3, 4, 5), new Date(2026, 10, 12, 13, 14, 15)].map(Number);

/**
 * Returns the logging of this process.
 *
 * @returns `null` if logging is off; `undefined` if it cannot be passed to a process that has not loaded Nest, because
 *   it uses another class, or an option that is not known here
 * @internal
 */
export function loggingInUse(
  option: ResolvedClusterOptions['logger'],
  env: NodeJS.ProcessEnv = process.env,
): LoggingData | null | undefined {
  const logger = option === 'json' ? new ConsoleLogger({ json: true }) : (option ?? loggerInUse());
  if (logger === undefined) {
    return null;
  }
  const options = consoleOptionsOf(logger);
  if (!options || !Object.keys(options).every(name => isPassedOn(name, options[name]))) {
    return undefined;
  }
  const { prefix = 'Nest', colors = false, json = false, timestamp = false } = options;
  const isInColor = colors === true && !env['NO_COLOR'];
  if (json === true && colors === true) {
    return undefined;
  }
  const levels = defaultLogging(false, env).levels.filter(level =>
    (logger as ConsoleLogger).isLevelEnabled(level as 'log'),
  );
  return {
    levels,
    prefix: String(prefix),
    colors: isInColor,
    json: json === true,
    timestamp: timestamp === true,
    plainTime: SAMPLES.every(time => plainTime(time) === localTime(time)),
  };
}

function isPassedOn(name: string, value: unknown): boolean {
  return value === undefined || PASSED.has(name) || WITHOUT_EFFECT.has(name);
}
