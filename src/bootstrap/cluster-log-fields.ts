import { NO_SLOT } from '../model/host-status.interface.js';
import type { LogLabel } from '../nest/label-console-lines.js';
import type { ClusterRole } from './cluster-role.js';
import { clusterRole, isWorker } from './current-role.js';

/**
 * The fields that identify the process of a log record.
 *
 * @publicApi
 */
export interface ClusterLogFields {
  /** Slot of the worker, -1 for a spare, 0 in single mode; missing in the primary. */
  readonly slot?: number;
  /** Generation of the worker, 0 in single mode; missing in the primary. */
  readonly generation?: number;
  /** Process id. */
  readonly pid: number;
}

let knownRole: ClusterRole | undefined;
let standsFor: ClusterLogFields | undefined;

/**
 * Returns `slot`, `generation` and `pid` of this process, for log records of loggers other than Nest's
 * `ConsoleLogger`. Never throws. Call it for each record: a spare gets its slot later.
 *
 * ```ts
 * const logger = pino({ base: null, mixin: () => ({ ...clusterLogFields() }) });
 * ```
 *
 * @publicApi
 */
export function clusterLogFields(): ClusterLogFields {
  return standsFor ?? ownLogFields(role());
}

/** Sets the role of this process, once it is final. @internal */
export function logAs(known: ClusterRole): void {
  knownRole = known;
}

/** Runs `task`. What it logs gets the fields of the given worker. @internal */
export function logFor(worker: ClusterLogFields, task: () => void): void {
  const { slot, generation, pid } = worker;
  standsFor = {
    ...(slot !== undefined && { slot }),
    ...(generation !== undefined && { generation }),
    pid,
  };
  try {
    task();
  } finally {
    standsFor = undefined;
  }
}

/** Returns the label of this process for `ConsoleLogger`. @internal */
export function logLabel(): LogLabel {
  const current = role();
  const fields = standsFor ?? ownLogFields(current);
  // In single mode, the process id is enough.
  return { text: current === 'single' ? undefined : placeName(fields), fields: { ...fields } };
}

function placeName({ slot }: ClusterLogFields): string {
  if (slot === undefined) {
    return 'primary';
  }
  return slot === NO_SLOT ? 'spare' : `worker ${slot}`;
}

function ownLogFields(current: ClusterRole): ClusterLogFields {
  const { pid, env } = process;
  if (current === 'worker') {
    const [slot, generation] = [Number(env['CLUSTER_SLOT']), Number(env['CLUSTER_GENERATION'])];
    return { slot, generation, pid };
  }
  return current === 'single' ? { slot: 0, generation: 0, pid } : { pid };
}

function role(): ClusterRole {
  knownRole ??= isWorker() ? 'worker' : undefined;
  return knownRole ?? expectedRole();
}

/** Returns the role that this process will probably get: no application exists yet. */
function expectedRole(): ClusterRole {
  try {
    return clusterRole();
  } catch {
    // The options are invalid. The error is reported when the application is created.
    return 'primary';
  }
}
