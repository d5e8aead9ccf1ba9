import type { OptionFault } from '../validation/option-fault.interface.js';
import type { ConfigProblem } from '../validation/config-problem.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { wrongDescribed, wrongValue } from '../validation/config-problem.js';

/**
 * One option: where else it may come from, what it is by default, and what it takes.
 *
 * @internal
 */
export interface OptionRule<T> {
  /** The environment variable, for options that can be written as text. */
  readonly env?: string;
  /** Whether the text of the variable is the value, even if it looks like a number. */
  readonly isText?: boolean;
  readonly defaultValue: T;
  /** The value that wins in the environment, over what is written in the code. */
  readonly prevails?: T;
  /** What it takes, as the end of the sentence "workers takes …". */
  readonly takes: string;
  /** The value if it is one the option takes, else `undefined`. */
  accept(value: unknown): T | undefined;
  /** What is wrong with a value that is not accepted, for options that know it better than `takes`. */
  faultsOf?(value: unknown): readonly OptionFault[];
}

/**
 * Everything that is found to be wrong, to be told at once.
 *
 * @internal
 */
export class ConfigProblems {
  readonly #problems: ConfigProblem[] = [];
  readonly #paths = new Set<string>();

  /** @param path the full name of the option, wherever its value comes from */
  add(path: string, ...problems: readonly ConfigProblem[]): void {
    this.#paths.add(path);
    this.#problems.push(...problems);
  }

  /** Whether any of these options is wrong. */
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
 * Explicit option, else environment, else default. A value that {@link OptionRule.prevails} in the environment
 * comes before all, but what the code has is checked all the same. The default, too, in the place of a value that
 * the option does not take, which is added to the problems.
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
