import { nearestNames } from './nearest-names.js';
import { describeReceived, kindOf, LIKE_URL } from './describe-received.js';

/** One problem of the configuration. Its texts contain no secrets. @publicApi */
export interface ConfigProblem {
  /** The option as the user wrote it: `shutdown.timeout`, or `CLUSTER_WORKERS` from the environment. */
  readonly option: string;
  /** A description of its value. */
  readonly received: string;
  /** Its valid values, as the end of a sentence. */
  readonly expected: string;
  /** The whole message, with the remedy. */
  readonly message: string;
}

/** Returns the problem of an option with an invalid value. @internal */
export function wrongValue(option: string, value: unknown, expected: string): ConfigProblem {
  return wrongDescribed(option, describeReceived(value), expected);
}

/**
 * Returns the problem of an option whose value has been described already, because it may be secret.
 *
 * @param owner what the option belongs to, as in " of ClusterHealthModule"
 * @internal
 */
export function wrongDescribed(
  option: string,
  received: string,
  expected: string,
  owner = '',
): ConfigProblem {
  return {
    option,
    received,
    expected,
    message: `${option}${owner} must be ${expected}, but got ${received}.`,
  };
}

/**
 * Returns the problem of an unknown option.
 *
 * @param known the full names of the valid options in its place
 * @param elsewhere other options that may have been meant
 * @param owner what they are options of, as in " of ClusterHealthModule"
 * @internal
 */
export function unknownOption(
  option: string,
  value: unknown,
  known: readonly string[],
  elsewhere: readonly string[] = [],
  owner = '',
): ConfigProblem {
  const here = nearestNames(option, known);
  const suggestions = here.length > 0 ? here : nearestNames(option, elsewhere);
  const expected =
    suggestions.length > 0 ? `Did you mean ${either(suggestions)}?` : `Valid: ${listed(known)}.`;
  const name = shortened(LIKE_URL.test(option) ? `${prefixOf(known)}…` : option);
  return {
    option: name,
    received: kindOf(value),
    expected: `one of ${known.join(', ')}`,
    message: `Unknown option \`${name}\`${owner}. ${expected}`,
  };
}

/** Returns the part that the full names of the options in one place have in common, such as `shutdown.`. */
function prefixOf([first = '']: readonly string[]): string {
  return first.slice(0, first.lastIndexOf('.') + 1);
}

/** Returns `a`, `a or b` or `a, b or c`, in back quotes. @internal */
export function either(names: readonly string[]): string {
  const quoted = names.map(name => `\`${name}\``);
  const last = quoted.pop() ?? '';
  return quoted.length > 0 ? `${quoted.join(', ')} or ${last}` : last;
}

function listed(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ');
}

/** Returns a name from outside with bounded length and without control characters. */
function shortened(name: string): string {
  const text = JSON.stringify(name).slice(1, -1);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
