import type { OptionFault } from '../validation/option-fault.interface.js';
import type { ConfigProblem } from '../validation/config-problem.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { wrongDescribed, wrongValue } from '../validation/config-problem.js';

/**
 * The rule of one option: its environment variable, its default and its valid values.
 *
 * @internal
 */
export interface OptionRule<T> {
  /** The environment variable, for options that can be written as text. */
  readonly env?: string;
  /** Whether the text of the variable is used as it is, even if it looks like a number. */
  readonly isText?: boolean;
  readonly defaultValue: T;
  /** The value that overrides the code if it is set in the environment. */
  readonly prevails?: T;
  /** The valid values, as the end of the sentence "workers takes …". */
  readonly takes: string;
  /** Returns the accepted value, or `undefined` if the value is invalid. */
  accept(value: unknown): T | undefined;
  /** Returns what is wrong with an invalid value, for options that can tell it more precisely than `takes`. */
  faultsOf?(value: unknown): readonly OptionFault[];
}

/**
 * Collects all errors of the configuration, so that they are reported together.
 *
 * @internal
 */
export class ConfigProblems {
  readonly #problems: ConfigProblem[] = [];
  readonly #paths = new Set<string>();

  /**
   * @param path the full name of the option, even if the value comes from the environment
   */
  add(path: string, ...problems: readonly ConfigProblem[]): void {
    this.#paths.add(path);
    this.#problems.push(...problems);
  }

  /** Whether any of these options is invalid. */
  has(...paths: readonly string[]): boolean {
    return paths.some(path => this.#paths.has(path));
  }

  /** @throws ClusterConfigError with all problems, if there are any */
  throwAny(): void {
    if (this.#problems.length > 0) {
      throw ClusterConfigError.of(this.#problems);
    }
  }
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
  problems: ConfigProblems,
): T {
  const text = rule.env === undefined ? undefined : env[rule.env]?.trim();
  if (explicit !== undefined) {
    const accepted = accept(rule, path, path, explicit, explicit, problems);
    const prevails = rule.prevails !== undefined && text && numberOrText(text) === rule.prevails;
    return prevails ? rule.prevails : accepted;
  }
  if (rule.env !== undefined && text) {
    const value = rule.isText ? text : numberOrText(text);
    return accept(rule, path, rule.env, value, text, problems);
  }
  return rule.defaultValue;
}

function accept<T>(
  rule: OptionRule<T>,
  path: string,
  name: string,
  value: unknown,
  received: unknown,
  problems: ConfigProblems,
): T {
  const accepted = rule.accept(value);
  if (accepted !== undefined) {
    return accepted;
  }
  const faults = rule.faultsOf?.(value) ?? [];
  problems.add(
    path,
    ...(faults.length > 0
      ? faults.map(fault => problemOf(name, fault))
      : [wrongValue(name, received, rule.takes)]),
  );
  return rule.defaultValue;
}

function problemOf(name: string, fault: OptionFault): ConfigProblem {
  const { path = '', received, expected, message, hint } = fault;
  const problem = wrongDescribed(`${name}${path}`, received, expected);
  const text = message ?? problem.message;
  return { ...problem, message: hint === undefined ? text : `${text} ${hint}` };
}

function numberOrText(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
