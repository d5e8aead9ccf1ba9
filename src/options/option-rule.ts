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
): T {
  if (explicit !== undefined) {
    return accept(rule, path, explicit);
  }
  const text = rule.env === undefined ? undefined : env[rule.env]?.trim();
  if (rule.env !== undefined && text) {
    return accept(rule, rule.env, numberOrText(text), text);
  }
  return rule.defaultValue;
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
