import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { LoggingData } from './logging-data.js';

/** The options that the primary uses, as plain data. @internal */
export type OptionsData = Omit<
  ResolvedClusterOptions,
  'redis' | 'logger' | 'events' | 'namespaceOrigin'
> & {
  readonly usesRedis: boolean;
  readonly namespaceOrigin?: string;
  /** `null` if logging is off. */
  readonly logging: LoggingData | null;
};

/** The options as plain data, or why the primary must load the application. @internal */
export type OptionsReport =
  | { readonly type: 'options'; readonly options: OptionsData }
  | { readonly type: 'unsuitable'; readonly reasons: readonly string[] };

const OTHER_LOGGER =
  "the logger is not Nest's ConsoleLogger, or has an option that only Nest knows";

/**
 * Returns the options as plain data. Connection options of Redis are left out, which the primary does not use and which
 * may contain passwords.
 *
 * @param logging the logging of the application; `null` if it is off, `undefined` if it cannot be passed on
 * @internal
 */
export function reportOf(
  { redis, events, namespaceOrigin, ...others }: ResolvedClusterOptions,
  logging: LoggingData | null | undefined,
): OptionsReport {
  const { logger: _logger, ...options } = others;
  const callbacks = Object.entries(events).filter(([, callback]) => callback !== undefined);
  const reasons = [
    ...callbacks.map(([name]) => `the option events.${name} is a function`),
    ...(logging === undefined ? [OTHER_LOGGER] : []),
    ...(others.workers === 0 ? ['the option workers is 0'] : []),
  ];
  if (reasons.length > 0 || logging === undefined) {
    return { type: 'unsuitable', reasons };
  }
  return {
    type: 'options',
    options: {
      ...options,
      usesRedis: redis !== null,
      ...(namespaceOrigin !== undefined && { namespaceOrigin }),
      logging,
    },
  };
}
