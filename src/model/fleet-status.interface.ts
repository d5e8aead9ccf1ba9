import type { WorkerFailure } from './errors/worker-failure.interface.js';

/** The reload that `npx nestjs-cluster reload --all` last ordered on a host. @publicApi */
export interface FleetReload {
  /** The fencing token of the `reload --all`: a later one has a higher token. */
  readonly token: number;
  /** Whether it goes on, or how it ended. */
  readonly state: 'running' | 'done' | 'failed';
  /** The generation of every worker, when it is done. */
  readonly generation?: number;
  /** Milliseconds from the first fork until the last replacement was ready, when it is done. */
  readonly duration?: number;
  /** Why it failed. */
  readonly why?: string;
  /** The worker that failed, with the last 2,000 characters of its output. */
  readonly worker?: WorkerFailure;
}

/**
 * How a host is doing.
 *
 * - `healthy`: all wanted workers serve
 * - `degraded`: some of them do
 * - `down`: none of them does
 *
 * @publicApi
 */
export type FleetHealth = 'healthy' | 'degraded' | 'down';

/** A host of the namespace. @publicApi */
export interface FleetHost {
  /** Identifies the host from its start to its end. */
  readonly id: string;
  /** The name of the machine or container. */
  readonly name: string;
  /** The process id of the primary; in single mode, of the only process. */
  readonly pid: number;
  /** Whether it is the host of the caller. */
  readonly isSelf: boolean;
  /** The version of nestjs-cluster. */
  readonly version: string;
  /** The release of the application (the option `release`). */
  readonly release: string;
  /** `single` if it has no workers. Then it cannot be reloaded. */
  readonly mode: 'cluster' | 'single';
  /** How it is doing. */
  readonly health: FleetHealth;
  /** The newest generation; during a reload, the generation of that reload. */
  readonly generation: number;
  /** The wanted number of workers. */
  readonly wanted: number;
  /** The number of workers that serve. */
  readonly ready: number;
  /** Milliseconds since the primary began to supervise. */
  readonly uptime: number;
  /** The reload that was last ordered from outside, if there was one. */
  readonly reload?: FleetReload;
}

/** A host of another version of nestjs-cluster, whose record this version cannot read. @publicApi */
export interface UnknownFleetHost {
  /** Identifies the host from its start to its end. */
  readonly id: string;
  /** The name of the machine or container, if it can be read. */
  readonly name?: string;
  /** The process id of the primary, if it can be read. */
  readonly pid?: number;
  /** The version of nestjs-cluster, if it can be read. */
  readonly version?: string;
}

/** The hosts of a namespace. @publicApi */
export interface FleetStatus {
  /** The namespace. */
  readonly namespace: string;
  /** The hosts, by name and process id. Without Redis, this host only. */
  readonly hosts: readonly FleetHost[];
  /** Hosts whose records this version cannot read. */
  readonly unknown: readonly UnknownFleetHost[];
}

/**
 * What a `reload --all` has done with a host.
 *
 * - `waiting`: nothing yet
 * - `ordered`: it was told to reload, and has not answered
 * - `lost`: it has ended, or is out of touch
 * - `skipped`: it cannot be reloaded, because it is in single mode
 *
 * @internal
 */
export type RolloutState =
  'waiting' | 'ordered' | 'reloading' | 'reloaded' | 'failed' | 'lost' | 'skipped';

/** A host in a `reload --all`. @internal */
export interface RolloutStep {
  readonly host: Pick<FleetHost, 'id' | 'name' | 'pid'>;
  readonly state: RolloutState;
  readonly generation?: number;
  readonly duration?: number;
  /** Why it failed, was lost or skipped. */
  readonly why?: string;
  readonly worker?: WorkerFailure;
}

/** The result of a `reload --all`. @internal */
export interface RolloutResult {
  /** `failed` if a host has failed; then hosts are `waiting`, unless it was the last one. */
  readonly result: 'done' | 'failed';
  readonly hosts: readonly RolloutStep[];
}
