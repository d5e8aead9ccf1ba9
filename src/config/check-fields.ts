import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { Problems } from '../validation/problems.js';
import { readFields } from '../validation/read-fields.js';
import type { RuleTable } from '../validation/rule.interface.js';

/**
 * Checks the options of a module or of a decorator.
 *
 * @param owner its name
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkFields(rules: RuleTable, options: unknown, owner: string): void {
  const problems = new Problems();
  readFields(rules, options, { whole: `${owner}'s options`, owner: ` of ${owner}` }, problems);
  ClusterConfigError.throwAny(problems);
}
