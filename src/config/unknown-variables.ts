import { nearestNames } from '../validation/nearest-names.js';

/** A variable that nobody reads, and those that may have been meant. @internal */
export interface UnknownVariable {
  readonly name: string;
  readonly meant: readonly string[];
}

const PREFIX = 'CLUSTER_';

/** One message names no more than these. */
const MAX_VARIABLES = 8;

/**
 * The environment variables that look like options and are none: mistyped ones, and those of a group that has no
 * such option, such as `CLUSTER_REDIS`. Others that begin with `CLUSTER_` belong to somebody else.
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

/** Of a name that is the beginning of others, or that begins as one other does: these. */
function groupOf(rest: string, rests: readonly string[]): readonly string[] {
  const continued = rests.filter(each => each.startsWith(`${rest}_`));
  if (continued.length > 0) {
    return continued.slice(0, 3);
  }
  const [group = ''] = rest.split('_');
  const siblings = rests.filter(each => each.startsWith(`${group}_`));
  return siblings.length === 1 ? siblings : [];
}
