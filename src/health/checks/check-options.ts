import { checkFields } from '../../config/check-fields.js';
import { fieldsOf } from '../../validation/read-fields.js';
import type { Rule } from '../../validation/rule.interface.js';
import { aFunction, classDecorators, required, text, trueOrFalse } from '../../validation/rules.js';
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
  decorators: classDecorators,
};

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterHealthModuleOptions): void {
  checkFields(RULES, options, 'ClusterHealthModule');
}
