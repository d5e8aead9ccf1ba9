import type { Problems } from '../validation/problems.js';
import { problemsOf, readField } from '../validation/read-fields.js';
import type { Rule } from '../validation/rule.interface.js';

/**
 * The rule of one option: its valid values, its default and its environment variable.
 *
 * @internal
 */
export interface OptionRule<T> extends Rule<T> {
  /** The environment variable, for options that can be written as text. */
  readonly env?: string;
  /** Whether the text of the variable is used as it is, even if it looks like a number. */
  readonly isText?: boolean;
  readonly defaultValue: T;
  /** The value that overrides the code if it is set in the environment. */
  readonly prevails?: T;
}

/**
 * Returns the value of an option: the explicit one, otherwise that of the environment, otherwise the default. A
 * value of the environment that {@link OptionRule.prevails} comes first, but the explicit value is validated
 * nevertheless. An invalid value is added to the problems, and replaced by the default.
 *
 * @internal
 */
export function readOption<T>(
  rule: OptionRule<T>,
  path: string,
  explicit: unknown,
  env: NodeJS.ProcessEnv,
  problems: Problems,
): T {
  const text = rule.env === undefined ? undefined : env[rule.env]?.trim();
  if (explicit !== undefined) {
    const accepted = readField(rule, path, explicit, problems) ?? rule.defaultValue;
    const prevails = rule.prevails !== undefined && text && numberOrText(text) === rule.prevails;
    return prevails ? rule.prevails : accepted;
  }
  return rule.env !== undefined && text
    ? readVariable(rule, path, rule.env, text, problems)
    : rule.defaultValue;
}

function readVariable<T>(
  rule: OptionRule<T>,
  path: string,
  variable: string,
  text: string,
  problems: Problems,
): T {
  const value = rule.isText ? text : numberOrText(text);
  const accepted = rule.accept(value);
  if (accepted === undefined) {
    problems.add(path, ...problemsOf(rule, variable, value, {}, text));
  }
  return accepted ?? rule.defaultValue;
}

function numberOrText(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
