import { availableParallelism } from 'node:os';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { kindOf } from '../validation/describe-received.js';
import { Problems } from '../validation/problems.js';
import { readFields } from '../validation/read-fields.js';
import { isRule, type RuleTable } from '../validation/rule.interface.js';
import { type ApplicationName, applicationName, mainPlace } from './application-name.js';
import type { ClusterModuleOptions } from './cluster-options.interface.js';
import { readCpuQuota } from '../system/limits/cpu-quota.js';
import { OPTION_RULES } from './option-rules.js';
import { type OptionRule, readOption } from './option-rule.js';
import { checkTogether } from './check-together.js';
import { autoWorkerCount } from './worker-count.js';
import { writtenNames } from './written-names.js';

type Resolved<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends OptionRule<infer T>
    ? T
    : Resolved<Table[Name]>;
};

/** The options with all defaults applied. @internal */
export type ResolvedClusterOptions = Omit<Resolved<typeof OPTION_RULES>, 'workers'> & {
  /** The number of workers, with `'auto'` resolved. */
  readonly workers: number;
  /** Where `namespace` comes from, for the log; `undefined` for the default. */
  readonly namespaceOrigin: string | undefined;
};

/** Injection token of the {@link ResolvedClusterOptions}. @internal */
export const CLUSTER_OPTIONS = Symbol('CLUSTER_OPTIONS');

/** The namespace of every application without a name. */
const DEFAULT_NAMESPACE = 'nestjs-cluster';

/**
 * Merges options, environment and defaults, and validates them. This is the only place that does.
 *
 * @param nameApplication returns the name of the application, for the default of `namespace`
 * @throws ClusterConfigError with all problems: unknown options, and invalid values
 * @internal
 */
export function resolveOptions(
  options: ClusterModuleOptions,
  env: NodeJS.ProcessEnv = process.env,
  nameApplication: () => ApplicationName | undefined = () => applicationName(mainPlace(env)),
): ResolvedClusterOptions {
  const problems = new Problems();
  const resolved = readFields(OPTION_RULES, options, NAMING, problems, (rule, path, value) =>
    readOption(rule as OptionRule<unknown>, path, value, env, problems),
  ) as Resolved<typeof OPTION_RULES>;
  checkTogether(resolved, writtenNames(OPTION_RULES, options, env), problems);
  ClusterConfigError.throwAny(problems);
  return {
    ...resolved,
    workers:
      resolved.workers === 'auto'
        ? autoWorkerCount(availableParallelism(), readCpuQuota())
        : resolved.workers,
    ...namespaceOf(resolved.namespace, options, nameApplication),
  };
}

function namespaceOf(
  given: string,
  options: ClusterModuleOptions,
  nameApplication: () => ApplicationName | undefined,
): Pick<ResolvedClusterOptions, 'namespace' | 'namespaceOrigin'> {
  if (given !== '') {
    const isInCode = options.namespace !== undefined;
    const namespaceOrigin = isInCode ? 'option namespace' : OPTION_RULES.namespace.env;
    return { namespace: given, namespaceOrigin };
  }
  const { name, origin } = nameApplication() ?? { name: DEFAULT_NAMESPACE, origin: undefined };
  return { namespace: name, namespaceOrigin: origin };
}

/** Returns `workers` alone, for code that runs before the other options are known. @internal */
export function readWorkersOption(
  options: ClusterModuleOptions,
  env: NodeJS.ProcessEnv,
): number | 'auto' {
  const problems = new Problems();
  const workers = readOption(OPTION_RULES.workers, 'workers', options.workers, env, problems);
  ClusterConfigError.throwAny(problems);
  return workers;
}

/**
 * Returns the option `logger`, which is used before the other options are validated. An invalid one is ignored.
 *
 * @internal
 */
export function readLoggerOption(
  options: ClusterModuleOptions | null | undefined,
  env: NodeJS.ProcessEnv,
): ResolvedClusterOptions['logger'] {
  return readOption(OPTION_RULES.logger, 'logger', options?.logger, env, new Problems());
}

/** The full names of all options. @internal */
export const OPTION_NAMES: readonly string[] = namesIn(OPTION_RULES, '');

/** The environment variables of all options. @internal */
export const OPTION_VARIABLES: readonly string[] = variablesIn(OPTION_RULES);

const NAMING = {
  whole: "ClusterModule's options",
  elsewhere: OPTION_NAMES,
  // Of what is in the place of a group: it may be a secret.
  describe: kindOf,
};

function namesIn(rules: RuleTable, prefix: string): readonly string[] {
  return Object.entries(rules).flatMap(([name, rule]) =>
    isRule(rule) ? [prefix + name] : [prefix + name, ...namesIn(rule, `${prefix}${name}.`)],
  );
}

function variablesIn(rules: RuleTable): readonly string[] {
  return Object.values(rules).flatMap(rule =>
    isRule(rule) ? ((rule as OptionRule<unknown>).env ?? []) : variablesIn(rule),
  );
}
