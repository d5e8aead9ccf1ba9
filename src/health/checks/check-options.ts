import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { Problems } from '../../validation/problems.js';
import { fieldsOf, readFields } from '../../validation/read-fields.js';
import type { Rule } from '../../validation/rule.interface.js';
import { aFunction, required, text, trueOrFalse } from '../../validation/rules.js';
import type { ClusterHealthModuleOptions } from '../health-module-options.interface.js';
import { thresholdProblems } from './health-limits.js';

const anything: Rule<unknown> = { expected: 'anything', accept: value => value };

const RULES = {
  path: text("a path such as 'health'"),
  thresholds: {
    expected: 'an object',
    accept: value => (thresholdProblems(value).all.length === 0 ? value : undefined),
    faultsOf: value =>
      thresholdProblems(value).all.map(problem => ({
        path: problem.option.slice('thresholds'.length),
        ...problem,
      })),
  } as Rule<unknown>,
  indicators: fieldsOf({
    imports: anything,
    inject: anything,
    useFactory: required(aFunction),
    timeout: {
      expected: 'milliseconds, more than 0',
      accept: value => (typeof value === 'number' && value > 0 ? value : undefined),
    },
  }),
  details: trueOrFalse,
  decorators: {
    expected: 'a list of class decorators',
    accept: value =>
      Array.isArray(value) && value.every(each => typeof each === 'function') ? value : undefined,
  } as Rule<readonly unknown[]>,
};

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterHealthModuleOptions): void {
  const problems = new Problems();
  const naming = { whole: "ClusterHealthModule's options", owner: ' of ClusterHealthModule' };
  readFields(RULES, options, naming, problems);
  ClusterConfigError.throwAny(problems);
}
