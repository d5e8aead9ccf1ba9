import { ClusterConfigError } from '../errors/cluster-config.error.js';
import type { ClusterHealthModuleOptions } from './health-module-options.interface.js';
import { resolveLimits } from './limits.js';

const OPTIONS = ['path', 'thresholds', 'indicators', 'details', 'decorators'];

/** @throws ClusterConfigError for an option that does not exist, or a value that it does not take @internal */
export function checkOptions(options: ClusterHealthModuleOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!OPTIONS.includes(name)) {
      throw ClusterConfigError.unknown(name, value, OPTIONS, 'ClusterHealthModule');
    }
  }
  const { path, thresholds, indicators, details, decorators } = options;
  if (path !== undefined && typeof path !== 'string') {
    throw new ClusterConfigError('path', path, "a path such as 'health'");
  }
  if (thresholds !== undefined) {
    resolveLimits(thresholds);
  }
  if (indicators !== undefined) {
    if (typeof indicators?.useFactory !== 'function') {
      throw new ClusterConfigError('indicators', indicators, 'an object with useFactory');
    }
    const { timeout } = indicators;
    if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
      throw new ClusterConfigError('indicators.timeout', timeout, 'milliseconds, more than 0');
    }
  }
  if (details !== undefined && typeof details !== 'boolean') {
    throw new ClusterConfigError('details', details, 'true or false');
  }
  if (decorators !== undefined && !decorators.every?.(one => typeof one === 'function')) {
    throw new ClusterConfigError('decorators', decorators, 'a list of class decorators');
  }
}
