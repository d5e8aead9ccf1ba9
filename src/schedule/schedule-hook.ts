import { ScheduleModule, type SchedulerRegistry } from '@nestjs/schedule';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { callOfAll, type JobCall } from './job-call.js';
import type { JobKind } from './job.interface.js';

/**
 * The only file that relies on code of `@nestjs/schedule` and `cron` that is not public:
 *
 * - `ScheduleExplorer.wrapFunctionInTryCatchBlocks()`, which gets every decorated method;
 * - its `metadataAccessor` and `schedulerOrchestrator`, with the `schedulerRegistry`, `intervals` and `timeouts` of the latter;
 * - `CronJob._callbacks`, the functions that a tick calls.
 *
 * There is no public way: the methods are found and started by the module, and `SchedulerRegistry` has only the timers
 * of intervals and timeouts. What is missing is an error when the application starts.
 */

const CALLBACKS = '_callbacks';

/** The part of `Zone` of Luxon that is needed. @internal */
export interface ZoneLike {
  /** Returns how many minutes local time is ahead of UTC at a time. */
  offset(time: number): number;
}

/** The part of `DateTime` of Luxon that is needed. @internal */
export interface DateTimeLike {
  readonly zone: ZoneLike;
  toMillis(): number;
  /** Returns all times with the same local time. */
  getPossibleOffsets(): readonly DateTimeLike[];
}

/** The part of `CronTime` that is needed. @internal */
export interface CronTimeLike {
  readonly source: unknown;
  readonly realDate: boolean;
  readonly timeZone?: string;
  readonly utcOffset?: number;
  /** @param start a `Date` */
  getNextDateFrom(start: object, timeZone?: string): DateTimeLike;
}

type Callback = (this: unknown, ...args: unknown[]) => unknown;

type Wrap = (this: Explorer, method: Callback, owner: object) => Callback;

/** The part of `CronJob` that is needed. @internal */
export interface CronJobLike {
  readonly cronTime: CronTimeLike;
  readonly isActive?: boolean;
  readonly context?: unknown;
  readonly onComplete?: unknown;
  addCallback?: (callback: Callback) => void;
  readonly [CALLBACKS]?: Callback[];
}

/** A job as it was found. @internal */
export interface FoundJob {
  readonly kind: JobKind;
  /** Its name in the decorator or in `addCronJob()`. */
  readonly name: string | undefined;
  /** The decorated method and its object; `undefined` for a `CronJob` of the user. */
  readonly method: { readonly owner: object; readonly ref: Callback } | undefined;
  /** The `CronJob`, once it exists. */
  cron?: CronJobLike;
  /** Calls what the user wrote. */
  readonly call: JobCall;
}

/**
 * Takes a job over, and returns what its timer calls. A decorated job is taken over again when its `CronJob` is added
 * again.
 *
 * @internal
 */
export type AdoptJob = (job: FoundJob) => (...args: unknown[]) => unknown;

/** The jobs that an application takes over. */
interface Adopter {
  readonly adopt: AdoptJob;
  /** Called when a job is deleted from the registry, or taken over by another name or application. */
  readonly remove: (job: FoundJob) => void;
  /** Of the application, once it has decorated jobs. */
  orchestrator?: Orchestrator;
}

interface AdoptedJob {
  /** The job as it was added last. */
  job: FoundJob;
  /** Of the application to which it was added last. */
  adopter: Adopter;
  /** What its `call` consists of. */
  readonly calls: JobCall[];
  /** What the application does at a tick that was the last to adopt the job. */
  fire: ReturnType<AdoptJob>;
}

interface Adoptions {
  /** By the registry of an application, because a process may have several applications. */
  readonly adopters: WeakMap<SchedulerRegistry, Adopter>;
  /** By the function that a timer calls, because a `CronJob` may be deleted from a registry, and added again to any. */
  readonly jobs: WeakMap<Callback, AdoptedJob>;
}

/** Where the adoptions are, for several copies of this package. The name changes when `Adoptions` does. */
const ADOPTIONS = Symbol.for('nestjs-cluster:schedule-adoptions');

/** The intervals and timeouts of decorated methods, by their names in the registry. */
interface Orchestrator extends Record<'intervals' | 'timeouts', Targets> {
  readonly schedulerRegistry: SchedulerRegistry;
}

type Targets = Readonly<Record<string, { readonly target: Callback }>>;

interface Explorer {
  readonly schedulerOrchestrator: Orchestrator;
  readonly metadataAccessor: Record<
    'getCronMetadata' | 'getIntervalMetadata' | 'getTimeoutMetadata' | 'getSchedulerName',
    (method: object) => unknown
  >;
  wrapFunctionInTryCatchBlocks: Wrap;
  [ADOPTIONS]?: Adoptions;
}

/**
 * Hands the jobs of an application to `adopt`, and those that are deleted from its registry to `remove`. Must be called
 * before `ScheduleModule` explores the application, which is when all providers exist.
 *
 * @throws ClusterConfigError if this version of `@nestjs/schedule` is not known
 * @internal
 */
export function adoptJobs(
  registry: SchedulerRegistry,
  adopt: AdoptJob,
  remove: Adopter['remove'],
): void {
  const { adopters, jobs } = patchExplorer();
  const adopter: Adopter = { adopt, remove };
  adopters.set(registry, adopter);
  const take = (name: string, cronJob: object): void =>
    adoptCronJob(name, cronJob as CronJobLike, adopter, jobs);
  // Constructors that ran before have added them.
  registry.getCronJobs().forEach((cronJob, name) => take(name, cronJob));
  const add = registry.addCronJob.bind(registry);
  registry.addCronJob = (name, cronJob) => {
    // The registry refuses a name that exists.
    if (!registry.doesExist('cron', name)) {
      take(name, cronJob);
    }
    add(name, cronJob);
  };
  watchCronJobs(registry, adopter, jobs);
  watchTimers(registry, adopter, jobs);
}

/** Whether the `CronJob` of a job is in the registry: that of a decorated method by any name. @internal */
export function isRegistered(
  registry: SchedulerRegistry,
  { name = '', method, cron }: FoundJob,
): boolean {
  const cronJobs: ReadonlyMap<string, unknown> = registry.getCronJobs();
  return method ? [...cronJobs.values()].includes(cron) : cronJobs.get(name) === cron;
}

function watchCronJobs(
  registry: SchedulerRegistry,
  adopter: Adopter,
  jobs: Adoptions['jobs'],
): void {
  const deleteCronJob = registry.deleteCronJob.bind(registry);
  registry.deleteCronJob = name => {
    const cron = registry.getCronJobs().get(name) as CronJobLike | undefined;
    deleteCronJob(name);
    const adopted = adoptedOf(cron?.[CALLBACKS], jobs);
    if (adopted && !isRegistered(registry, adopted.job)) {
      adopter.remove(adopted.job);
    }
  };
}

/** Intervals and timeouts cannot be added again: the registry knows only the ids of their timers. */
function watchTimers(registry: SchedulerRegistry, adopter: Adopter, jobs: Adoptions['jobs']): void {
  const removing =
    (kind: 'intervals' | 'timeouts', deleteTimer: (name: string) => void) =>
    (name: string): void => {
      deleteTimer(name);
      const timer = adopter.orchestrator?.[kind][name];
      const adopted = timer && jobs.get(timer.target);
      if (adopted) {
        adopter.remove(adopted.job);
      }
    };
  registry.deleteInterval = removing('intervals', registry.deleteInterval.bind(registry));
  registry.deleteTimeout = removing('timeouts', registry.deleteTimeout.bind(registry));
}

/** Replaces what a `CronJob` calls at a tick. If that was done before, its job is renamed or moved to this application. */
function adoptCronJob(
  name: string,
  cron: CronJobLike,
  adopter: Adopter,
  jobs: Adoptions['jobs'],
): void {
  const callbacks = cron[CALLBACKS];
  if (!Array.isArray(callbacks) || typeof cron.cronTime?.getNextDateFrom !== 'function') {
    throw unknownVersion('cron');
  }
  const known = adoptedOf(callbacks, jobs);
  const calls = known?.calls ?? callbacks.map(callback => callOf(cron, callback));
  const job: FoundJob = known?.job.method
    ? known.job
    : { kind: 'cron', name, method: undefined, cron, call: callOfAll(calls) };
  const fire = adopter.adopt(job);
  job.cron = cron;
  takeAdded(cron, calls);
  if (known) {
    if (known.job !== job || known.adopter !== adopter) {
      known.adopter.remove(known.job);
    }
    Object.assign(known, { job, adopter, fire });
    return;
  }
  const adopted: AdoptedJob = { job, adopter, calls, fire };
  const tick: Callback = (...args) => adopted.fire(...args);
  jobs.set(tick, adopted);
  callbacks.splice(0, callbacks.length, tick);
}

function adoptedOf(
  callbacks: readonly Callback[] | undefined,
  jobs: Adoptions['jobs'],
): AdoptedJob | undefined {
  return callbacks?.map(callback => jobs.get(callback)).find(Boolean);
}

/** Callbacks that are added to an adopted `CronJob` belong to its job. */
function takeAdded(cron: CronJobLike, calls: JobCall[]): void {
  cron.addCallback = callback => {
    if (typeof callback === 'function') {
      calls.push(callOf(cron, callback));
    }
  };
}

function callOf(cron: CronJobLike, callback: Callback): JobCall {
  return () => callback.call(cron.context, cron.onComplete);
}

function patchExplorer(): Adoptions {
  const prototype = explorerPrototype();
  const known = prototype[ADOPTIONS];
  if (known) {
    return known;
  }
  const adoptions: Adoptions = { adopters: new WeakMap(), jobs: new WeakMap() };
  const wrap = prototype.wrapFunctionInTryCatchBlocks;
  prototype.wrapFunctionInTryCatchBlocks = function (ref, owner) {
    const { metadataAccessor, schedulerOrchestrator } = this;
    const adopter = adoptions.adopters.get(schedulerOrchestrator.schedulerRegistry);
    if (!adopter) {
      return wrap.call(this, ref, owner);
    }
    if (!schedulerOrchestrator.intervals || !schedulerOrchestrator.timeouts) {
      throw unknownVersion('@nestjs/schedule');
    }
    adopter.orchestrator = schedulerOrchestrator;
    const calls: JobCall[] = [(context, args) => ref.call(owner, context, ...args)];
    const job: FoundJob = {
      kind: kindOf(metadataAccessor, ref),
      name: nameOf(metadataAccessor, ref),
      method: { owner, ref },
      call: callOfAll(calls),
    };
    const adopted: AdoptedJob = { job, adopter, calls, fire: adopter.adopt(job) };
    const tick = wrap.call(this, (...args) => adopted.fire(...args), owner);
    adoptions.jobs.set(tick, adopted);
    return tick;
  };
  prototype[ADOPTIONS] = adoptions;
  return adoptions;
}

function explorerPrototype(): Explorer {
  const { providers = [] } = ScheduleModule.forRoot();
  const explorer = providers.find(
    provider =>
      typeof provider === 'function' &&
      typeof (provider.prototype as Partial<Explorer>).wrapFunctionInTryCatchBlocks === 'function',
  );
  if (!explorer) {
    throw unknownVersion('@nestjs/schedule');
  }
  return (explorer as { prototype: Explorer }).prototype;
}

function kindOf(accessor: Explorer['metadataAccessor'], method: object): JobKind {
  if (accessor.getCronMetadata(method)) {
    return 'cron';
  }
  return accessor.getIntervalMetadata(method) ? 'interval' : 'timeout';
}

function nameOf(accessor: Explorer['metadataAccessor'], method: object): string | undefined {
  const { name } = (accessor.getCronMetadata(method) ?? {}) as { readonly name?: string };
  // Nest takes an empty name for none.
  return name || (accessor.getSchedulerName(method) as string | undefined) || undefined;
}

function unknownVersion(name: string): ClusterConfigError {
  const expected = 'a version of @nestjs/schedule that ClusterScheduleModule knows';
  return new ClusterConfigError(
    'ClusterScheduleModule',
    undefined,
    expected,
    `ClusterScheduleModule does not know this version of ${name}. Use @nestjs/schedule 6 or 12, or update nestjs-cluster.`,
  );
}
