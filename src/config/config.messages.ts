import { either } from '../validation/config-problem.js';
import { howToIgnore } from './doctor-checks.js';
import type { UnknownVariable } from './unknown-variables.js';
import type { ResolvedClusterOptions } from './resolve-options.js';

/** Log lines about the configuration. @internal */
export const configMessages = {
  namespace: ({
    namespace,
    namespaceOrigin,
  }: Pick<ResolvedClusterOptions, 'namespace' | 'namespaceOrigin'>) =>
    `Namespace ${namespace} (${namespaceOrigin ?? 'default'})`,
  namelessNamespace: (namespace: string) =>
    `No package.json with a name was found above the main script, so the namespace in Redis is the default, ${namespace}. Other applications without a name on this Redis server would share its state and events. Set the option namespace, or CLUSTER_NAMESPACE. ${howToIgnore('namespace')}`,
  unknownVariables: (variables: readonly UnknownVariable[]) =>
    `Unknown environment variable${variables.length === 1 ? '' : 's'}: ${variables
      .map(({ name, meant }) => `${name} (did you mean ${either(meant)}?)`)
      .join(', ')}`,
};
