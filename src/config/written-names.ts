import { isRecord } from '../system/is-record.js';
import type { RuleTable } from '../validation/rule.interface.js';
import type { OptionRule } from './option-rule.js';

/**
 * Returns a function that names an option as the user wrote it: by its environment variable if its value comes from
 * there, and otherwise by its path.
 *
 * @internal
 */
export function writtenNames(
  rules: RuleTable,
  options: unknown,
  env: NodeJS.ProcessEnv,
): (path: string) => string {
  return path => {
    const { env: variable } = at(rules, path) as OptionRule<unknown>;
    const isVariable = at(options, path) === undefined && variable && env[variable]?.trim();
    return isVariable ? variable : path;
  };
}

function at(tree: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, name) => (isRecord(node) ? node[name] : undefined), tree);
}
