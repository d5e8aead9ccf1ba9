import { checkFields } from '../config/check-fields.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Rule } from '../validation/rule.interface.js';
import { classDecorators, text, trueOrFalse, whole } from '../validation/rules.js';
import type { ClusterMetricsModuleOptions } from './metrics-module-options.interface.js';

const RULES = {
  path: {
    expected: "a path such as '/metrics', or false",
    accept: value =>
      value === false || (typeof value === 'string' && value !== '') ? value : undefined,
  } as Rule<unknown>,
  port: whole(0, 65_535),
  host: text("the address of an interface, such as '127.0.0.1'", value => value !== ''),
  http: trueOrFalse,
  registries: {
    expected: 'a list of registries of prom-client',
    accept: value => (Array.isArray(value) && value.every(isRegistry) ? value : undefined),
  } as Rule<readonly unknown[]>,
  decorators: classDecorators,
};

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterMetricsModuleOptions): void {
  checkFields(RULES, options, 'ClusterMetricsModule');
  if (options.path === false && options.port === undefined) {
    throw new ClusterConfigError(
      'path',
      false,
      'a path, or a port',
      'ClusterMetricsModule has neither a path nor a port, so its metrics cannot be read. Set `port`, or leave out `path`.',
    );
  }
}

/** The functions of a registry that are used. */
function isRegistry(value: unknown): boolean {
  return typeof (value as { getMetricsAsArray?: unknown } | null)?.getMetricsAsArray === 'function';
}
