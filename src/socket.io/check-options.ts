import { checkFields } from '../config/check-fields.js';
import { MAX_DURATION, MAX_TIMER } from '../state/max-duration.js';
import { fieldsOf } from '../validation/read-fields.js';
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
  checkFields(RULES, options, 'ClusterSocketIoModule');
}
