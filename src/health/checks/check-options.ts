import { unknownOption, wrongValue } from '../../validation/config-problem.js';
import { ConfigProblems } from '../../config/option-rule.js';
import type { ClusterHealthModuleOptions } from '../health-module-options.interface.js';
import { checkThresholds } from './health-limits.js';

const OPTIONS = ['path', 'thresholds', 'indicators', 'details', 'decorators'];

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterHealthModuleOptions): void {
  const problems = new ConfigProblems();
  const wrong = (name: string, value: unknown, expected: string): void =>
    problems.add(name, wrongValue(name, value, expected));
  if (typeof options !== 'object' || options === null) {
    wrong("ClusterHealthModule's options", options, `an object with any of ${OPTIONS.join(', ')}`);
    problems.throwAny();
  }
  for (const [name, value] of Object.entries(options)) {
    if (!OPTIONS.includes(name)) {
      problems.add(name, unknownOption(name, value, OPTIONS, [], 'ClusterHealthModule'));
    }
  }
  const { path, thresholds, indicators, details, decorators } = options;
  if (path !== undefined && typeof path !== 'string') {
    wrong('path', path, "a path such as 'health'");
  }
  if (thresholds !== undefined) {
    checkThresholds(thresholds, problems);
  }
  if (indicators !== undefined) {
    if (typeof indicators?.useFactory !== 'function') {
      wrong('indicators', indicators, 'an object with useFactory');
    }
    const timeout = indicators?.timeout;
    if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
      wrong('indicators.timeout', timeout, 'milliseconds, more than 0');
    }
  }
  if (details !== undefined && typeof details !== 'boolean') {
    wrong('details', details, 'true or false');
  }
  if (decorators !== undefined && !areDecorators(decorators)) {
    wrong('decorators', decorators, 'a list of class decorators');
  }
  problems.throwAny();
}

function areDecorators(value: unknown): boolean {
  return Array.isArray(value) && value.every(one => typeof one === 'function');
}
