import { ClusterConfigError } from '../errors/cluster-config.error.js';

/**
 * One option: where else it may come from, what it is by default, and what it takes.
 *
 * @internal
 */
export interface OptionRule<T> {
  /** The environment variable, for options that can be written as text. */
  readonly env?: string;
  readonly defaultValue: T;
  /** What it takes, as the end of the sentence "workers takes …". */
  readonly takes: string;
  /** The value if it is one the option takes, else `undefined`. */
  accept(value: unknown): T | undefined;
}

/** Where an option's value came from. @internal */
export type OptionSource = 'option' | 'environment' | 'default';

/** @internal */
export interface ReadOption<T> {
  readonly value: T;
  readonly source: OptionSource;
}

/**
 * Explicit option, else environment, else default.
 *
 * @throws ClusterConfigError if the value found is not one the option takes
 * @internal
 */
export function readOption<T>(
  rule: OptionRule<T>,
  path: string,
  explicit: unknown,
  env: NodeJS.ProcessEnv,
): ReadOption<T> {
  if (explicit !== undefined) {
    return { value: accept(rule, path, explicit), source: 'option' };
  }
  const text = rule.env === undefined ? undefined : env[rule.env]?.trim();
  if (rule.env !== undefined && text) {
    return { value: accept(rule, rule.env, numberOrText(text), text), source: 'environment' };
  }
  return { value: rule.defaultValue, source: 'default' };
}

function accept<T>(rule: OptionRule<T>, name: string, value: unknown, received = value): T {
  const accepted = rule.accept(value);
  if (accepted === undefined) {
    throw new ClusterConfigError(name, received, rule.takes);
  }
  return accepted;
}

function numberOrText(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
