import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { MAX_DURATION, MAX_TIMER } from '../state/max-duration.js';
import { Problems } from '../validation/problems.js';
import { fieldsOf, readFields } from '../validation/read-fields.js';
import type { Rule } from '../validation/rule.interface.js';
import { milliseconds } from '../validation/rules.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';

const isOff: Rule<false> = {
  expected: 'false',
  accept: value => (value === false ? value : undefined),
};

const RULES = {
  requestsTimeout: milliseconds(1, MAX_TIMER),
  recovery: fieldsOf({ maxDisconnection: milliseconds(1, MAX_DURATION) }, isOff),
};

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterSocketIoOptions): void {
  const problems = new Problems();
  const naming = {
    whole: "ClusterSocketIoModule's options",
    owner: ' of ClusterSocketIoModule',
  };
  readFields(RULES, options, naming, problems);
  ClusterConfigError.throwAny(problems);
}
