import { nearestNames } from '../validation/nearest-names.js';

/** An unknown environment variable, and the variables that may have been meant. @internal */
export interface UnknownVariable {
  readonly name: string;
  readonly meant: readonly string[];
}

const PREFIX = 'CLUSTER_';

/** The maximum number of suggestions in one message. */
const MAX_VARIABLES = 8;

/**
 * Returns the environment variables that look like options but are none: mistyped ones, and ones that name a group
 * without the option, such as `CLUSTER_REDIS`. Other variables that begin with `CLUSTER_` are ignored.
 *
 * @param known the variables of all options
 * @internal
 */
export function unknownVariables(
  env: NodeJS.ProcessEnv,
  known: readonly string[],
): readonly UnknownVariable[] {
  const rests = known.map(name => name.slice(PREFIX.length));
  return Object.keys(env)
    .filter(name => name.startsWith(PREFIX) && env[name] && !known.includes(name))
    .flatMap((name): UnknownVariable[] => {
      const rest = name.slice(PREFIX.length);
      const near = nearestNames(rest, rests);
      const meant = near.length > 0 ? near : groupOf(rest, rests);
      return meant.length > 0 ? [{ name, meant: meant.map(each => PREFIX + each) }] : [];
    })
    .slice(0, MAX_VARIABLES);
}

/** Returns the variables that continue the name, or that begin with the same group. */
function groupOf(rest: string, rests: readonly string[]): readonly string[] {
  const continued = rests.filter(each => each.startsWith(`${rest}_`));
  if (continued.length > 0) {
    return continued.slice(0, 3);
  }
  const [group = ''] = rest.split('_');
  const siblings = rests.filter(each => each.startsWith(`${group}_`));
  return siblings.length === 1 ? siblings : [];
}
