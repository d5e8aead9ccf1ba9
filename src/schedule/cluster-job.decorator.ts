import { checkFields } from '../config/check-fields.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { oneOf, text } from '../validation/rules.js';
import type { JobLoss, JobOverlap, JobPlace } from './job.interface.js';

/** Options of `@ClusterJob()`. @publicApi */
export interface ClusterJobOptions {
  /**
   * The name by which all workers know the job. Jobs with the same name cannot exist. @defaultValue the name in
   * `@Cron()`, `@Interval()` or `@Timeout()`; without one, `Module.Class.method`
   */
  readonly name?: string | undefined;
  /** Where the job runs. @defaultValue `'once'` */
  readonly run?: JobPlace | undefined;
  /** What happens if it is due while its last run goes on. @defaultValue `'skip'` */
  readonly overlap?: JobOverlap | undefined;
  /**
   * What happens if the worker dies that runs it. Intervals ignore it, because they run again anyway. @defaultValue
   * `'skip'`
   */
  readonly onLoss?: JobLoss | undefined;
}

const OPTIONS = Symbol('nestjs-cluster:job');

/** The longest name. The state limits its keys, which contain it. */
const MAX_NAME = 200;

const RULES = {
  name: text(
    `a text of 1 to ${MAX_NAME} characters`,
    name => name.length > 0 && name.length <= MAX_NAME,
  ),
  run: oneOf<JobPlace>('once', 'host', 'each'),
  overlap: oneOf<JobOverlap>('skip', 'queue', 'allow'),
  onLoss: oneOf<JobLoss>('skip', 'rerun'),
};

/**
 * Says how a job runs in a cluster. Put it beside `@Cron()`, `@Interval()` or `@Timeout()`; a job without it runs once.
 *
 * ```ts
 * @Cron('0 3 * * *', { timeZone: 'Europe/Berlin' })
 * @ClusterJob({ onLoss: 'rerun' })
 * async closeDay({ signal, token }: JobContext) {}
 * ```
 *
 * @throws ClusterConfigError for an invalid option
 * @publicApi
 */
export function ClusterJob(options: ClusterJobOptions = {}): MethodDecorator {
  checkFields(RULES, options, '@ClusterJob()');
  if (options.run === 'each' && options.onLoss === 'rerun') {
    throw new ClusterConfigError(
      'onLoss of @ClusterJob()',
      'rerun',
      "'skip' with run: 'each'",
      "onLoss: 'rerun' of @ClusterJob() has no meaning with run: 'each': no other worker can take the place of the one that was lost.",
    );
  }
  return (target, key) => {
    // By name, because other decorators may replace the function.
    Reflect.defineMetadata(OPTIONS, options, target, key);
  };
}

/** Returns the options of a method. @internal */
export function jobOptionsOf(owner: object, method: string | undefined): ClusterJobOptions {
  return ((method !== undefined && Reflect.getMetadata(OPTIONS, owner, method)) ||
    {}) as ClusterJobOptions;
}

/** Whether a job can have this name. @internal */
export function isJobName(name: string): boolean {
  return RULES.name.accept(name) !== undefined;
}
