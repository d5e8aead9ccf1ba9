import type { WorkerFailure } from '../model/errors/worker-failure.interface.js';
import type { InspectionRequests } from './inspection.js';
import type { OutputStream } from '../model/events/cluster-event.interface.js';

/**
 * The version of the protocol of the control socket. It is raised when a client that knows the former one would
 * misunderstand a message; new requests, replies and properties do not raise it.
 *
 * @internal
 */
export const CONTROL_PROTOCOL = 1;

/** The maximum length of a request, in bytes. @internal */
export const MAX_REQUEST_BYTES = 64 * 1024;

/** The first line of a connection, from the primary. @internal */
export interface ControlHello {
  readonly type: 'hello';
  readonly protocol: number;
  /** The version of the package. */
  readonly version: string;
  /** The name of the application (`namespace`). */
  readonly name: string;
  /** The process id of the primary. */
  readonly pid: number;
  /** The working directory of the primary, as it was started. */
  readonly directories: readonly string[];
  /** The directories of the application's package: those with the package.json above the main script. */
  readonly applications: readonly string[];
}

/** What a client can request, with the parameters of each request. @internal */
export interface ControlRequests extends InspectionRequests {
  /** The status of the host, as `ClusterService.status()`. */
  readonly status: object;
  /** A reload; answered when all workers have been replaced. */
  readonly reload: object;
  /** Another number of workers: an absolute one, or a difference. */
  readonly scale: { readonly workers?: number; readonly by?: number };
  /** The replacement of the worker in a slot; answered when the former worker has exited. */
  readonly restart: { readonly slot: number };
  /** The stop of the host; answered just before the primary exits. */
  readonly stop: object;
  /** All lifecycle events from now on, as items. */
  readonly events: object;
  /** The output of the workers: its end, and everything from now on, as items. */
  readonly logs: { readonly slot?: number; readonly follow?: boolean };
  /** The scheduled jobs, from a worker. */
  readonly jobs: object;
  /** What the doctor finds, from a worker. */
  readonly doctor: object;
  /** The metrics of the host in the text format of Prometheus. */
  readonly metrics: object;
  /** All hosts of the namespace, as `ClusterService.fleet()`. */
  readonly fleet: object;
  /** A reload of all hosts of the namespace, with each step as an item; answered with the result. */
  readonly reloadAll: { readonly maxUnavailable?: number };
}

/** @internal */
export type ControlRequestName = keyof ControlRequests;

/** Why a request failed. @internal */
export type ControlFailureCode =
  /** A worker failed; `worker` has its output. */
  | 'CLUSTER_RELOAD_FAILED'
  | 'CLUSTER_SCALE_FAILED'
  | 'CLUSTER_RESTART_FAILED'
  | 'CLUSTER_HOST_STOPPING'
  /** The request has wrong parameters, or names a slot or a number of workers that is impossible. */
  | 'CONTROL_INVALID'
  /** The host does not know the request: it has another version. */
  | 'CONTROL_UNKNOWN'
  /** The application does not use the feature. */
  | 'CONTROL_UNUSED'
  /** The host has no Redis, and so knows no other hosts. */
  | 'CONTROL_NO_REDIS'
  /** Another reload of all hosts is in progress. */
  | 'CONTROL_FLEET_BUSY'
  /** No worker answers, or the slot has none at the moment. */
  | 'CONTROL_NO_WORKER'
  /** The worker cannot be inspected at the moment. */
  | 'CONTROL_BUSY'
  /** The inspector of the worker cannot be opened. */
  | 'CONTROL_NO_INSPECTOR'
  /** A file cannot be written. */
  | 'CONTROL_FILE'
  /** A bug, or a failure of the feature that was asked. */
  | 'CONTROL_FAILED';

/** @internal */
export interface ControlFailure {
  readonly code: ControlFailureCode;
  readonly message: string;
  readonly worker?: WorkerFailure;
}

/** Why the primary closes a connection. @internal */
export type ControlRefusalCode =
  | 'CONTROL_MALFORMED'
  | 'CONTROL_TOO_LONG'
  | 'CONTROL_TOO_MANY_CONNECTIONS'
  | 'CONTROL_TOO_MANY_REQUESTS';

/** What the primary writes after the hello, one line each. @internal */
export type ControlReply =
  /** The last reply to a request. */
  | { readonly id: number; readonly type: 'done'; readonly value: unknown }
  /** The last reply to a request. */
  | { readonly id: number; readonly type: 'failed'; readonly error: ControlFailure }
  /** One of several replies to a request. */
  | { readonly id: number; readonly type: 'item'; readonly value: unknown }
  /** The last line of the connection. */
  | {
      readonly type: 'refused';
      readonly error: { readonly code: ControlRefusalCode; readonly message: string };
    };

/** An item of the reply to `logs`: whole lines that a worker has written. @internal */
export interface ControlOutput {
  readonly slot: number;
  readonly pid: number;
  readonly stream: OutputStream;
  readonly text: string;
}

/** The value of the reply to `restart`. @internal */
export interface RestartResult {
  readonly slot: number;
  /** The process id of the new worker. */
  readonly pid: number;
  /** Milliseconds until the former worker has exited. */
  readonly duration: number;
}

/** The value of the reply to `stop`. @internal */
export interface StopResult {
  /** The exit code of the primary. */
  readonly exitCode: number;
}
