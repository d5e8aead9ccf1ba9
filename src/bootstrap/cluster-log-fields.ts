import { isMainThread } from 'node:worker_threads';
import { NO_SLOT } from '../model/host-status.interface.js';
import type { LogLabel } from '../nest/label-console-lines.js';
import type { ClusterRole } from './cluster-role.js';
import { PRIMARY_PID_VARIABLE } from '../model/internal-variables.js';
import { expectedRole, isWorker } from './current-role.js';

/**
 * The fields that identify the process of a log record.
 *
 * @publicApi
 */
export interface ClusterLogFields {
  /** Slot of the worker, -1 for a spare, 0 in single mode; missing in the primary, and in threads without a worker. */
  readonly slot?: number;
  /** Generation of the worker, 0 in single mode; missing where `slot` is. */
  readonly generation?: number;
  /** Process id. */
  readonly pid: number;
}

/** The place of a worker, or of the worker that a thread belongs to. */
type Place = Pick<ClusterLogFields, 'slot' | 'generation'>;

const { pid } = process;

let knownRole: ClusterRole | undefined;
/** Whether this process is a worker, which is never a thread. */
let wasForked: boolean | undefined;
/** The place of this process or thread, once it cannot change any more. */
let finalPlace: Place | undefined;
let standsFor: ClusterLogFields | undefined;

/**
 * Returns `slot`, `generation` and `pid` of this process, for log records of loggers other than Nest's
 * `ConsoleLogger`. Never throws. Call it for each record: a spare gets its slot later. A call takes less than a
 * microsecond.
 *
 * In a thread of a worker (`node:worker_threads`), `slot` and `generation` are those of the worker, if the thread has
 * its environment. They are missing if the worker was a spare when the thread was started.
 *
 * ```ts
 * const logger = pino({ base: null, mixin: () => ({ ...clusterLogFields() }) });
 * ```
 *
 * @publicApi
 */
export function clusterLogFields(): ClusterLogFields {
  return standsFor ?? ownLogFields();
}

/** Sets the role of this process, once it is final. @internal */
export function logAs(known: ClusterRole): void {
  knownRole = known;
  finalPlace = undefined;
}

/** Runs `task`. What it logs gets the fields of the given worker. @internal */
export function logFor(worker: ClusterLogFields, task: () => void): void {
  const { slot, generation } = worker;
  standsFor = {
    ...(slot !== undefined && { slot }),
    ...(generation !== undefined && { generation }),
    pid: worker.pid,
  };
  try {
    task();
  } finally {
    standsFor = undefined;
  }
}

/** Returns the label of this process for `ConsoleLogger`. @internal */
export function logLabel(): LogLabel {
  const fields = standsFor ?? ownLogFields();
  // In single mode, the process id is enough.
  return { text: role() === 'single' ? undefined : placeName(fields), fields: { ...fields } };
}

function placeName({ slot }: ClusterLogFields): string {
  if (slot === undefined) {
    return 'primary';
  }
  return slot === NO_SLOT ? 'spare' : `worker ${slot}`;
}

function ownLogFields(): ClusterLogFields {
  if (!isMainThread) {
    finalPlace ??= placeOfThread();
    return withPlace(finalPlace);
  }
  const current = role();
  if (current === 'worker') {
    return withPlace(finalPlace ?? placeOfWorker());
  }
  return current === 'single' ? { slot: 0, generation: 0, pid } : { pid };
}

/** Returns a new object: loggers change it. Without a spread, which is slow in a thread. */
function withPlace({ slot, generation }: Place): ClusterLogFields {
  return slot === undefined || generation === undefined ? { pid } : { slot, generation, pid };
}

/** Reads the environment, which is slow, until the worker has a slot. */
function placeOfWorker(): Place {
  const place = readPlace();
  if (place.slot !== NO_SLOT) {
    finalPlace = place;
  }
  return place;
}

/** A thread has a copy of the environment, in which the slot that a spare gets later is missing. */
function placeOfThread(): Place {
  const { env, ppid } = process;
  const place: Place = env[PRIMARY_PID_VARIABLE] === String(ppid) ? readPlace() : {};
  return place.slot === NO_SLOT ? {} : place;
}

function readPlace(): Required<Place> {
  const { env } = process;
  return { slot: Number(env['CLUSTER_SLOT']), generation: Number(env['CLUSTER_GENERATION']) };
}

function role(): ClusterRole {
  wasForked ??= isWorker();
  return knownRole ?? (wasForked ? 'worker' : expectedRole());
}
