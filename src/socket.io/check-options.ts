import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { MAX_TIMER } from '../state/max-duration.js';
import { Problems } from '../validation/problems.js';
import { readFields } from '../validation/read-fields.js';
import { milliseconds } from '../validation/rules.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';

const RULES = { requestsTimeout: milliseconds(1, MAX_TIMER) };

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
