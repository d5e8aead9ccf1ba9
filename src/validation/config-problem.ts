import { nearestNames } from './nearest-names.js';
import { describeReceived, kindOf } from './describe-received.js';

/** One thing that is wrong with the configuration. None of its texts contains a secret. @publicApi */
export interface ConfigProblem {
  /** The option as the user wrote it: `shutdown.timeout`, or `CLUSTER_WORKERS` from the environment. */
  readonly option: string;
  /** What it got, described. */
  readonly received: string;
  /** What it takes, as the end of a sentence. */
  readonly expected: string;
  /** The whole message, with the remedy. */
  readonly message: string;
}

/** An option has a value that it does not take. @internal */
export function wrongValue(option: string, value: unknown, expected: string): ConfigProblem {
  return wrongDescribed(option, describeReceived(value), expected);
}

/** The same with a value that somebody else has described, because it may be secret. @internal */
export function wrongDescribed(option: string, received: string, expected: string): ConfigProblem {
  return {
    option,
    received,
    expected,
    message: `${option} takes ${expected}, but got ${received}.`,
  };
}

/**
 * There is no such option.
 *
 * @param known those that there are in its place, by their full names
 * @param elsewhere others that may have been meant
 * @param module which they are options of, if not of `ClusterModule`
 * @internal
 */
export function unknownOption(
  option: string,
  value: unknown,
  known: readonly string[],
  elsewhere: readonly string[] = [],
  module?: string,
): ConfigProblem {
  const here = nearestNames(option, known);
  const suggestions = here.length > 0 ? here : nearestNames(option, elsewhere);
  const expected =
    suggestions.length > 0 ? `Did you mean ${either(suggestions)}?` : `Valid: ${listed(known)}.`;
  return {
    option: printable(option),
    received: kindOf(value),
    expected: `one of ${known.join(', ')}`,
    message: `Unknown option \`${printable(option)}\`${module ? ` of ${module}` : ''}. ${expected}`,
  };
}

/** `a`, `a or b`, `a, b or c`, in back quotes. @internal */
export function either(names: readonly string[]): string {
  const quoted = names.map(name => `\`${name}\``);
  const last = quoted.pop() ?? '';
  return quoted.length > 0 ? `${quoted.join(', ')} or ${last}` : last;
}

function listed(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ');
}

/** A name that somebody else has chosen, of bounded length and without control characters. */
function printable(name: string): string {
  const text = JSON.stringify(name).slice(1, -1);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
