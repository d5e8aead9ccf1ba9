/** A worker by its slot. A `pid` selects one of the two workers that a slot has while one is replaced. @internal */
export interface WorkerChoice {
  readonly slot: number;
  readonly pid?: number;
}

/**
 * What can be done inside a live worker, whether its event loop is blocked or not, with the parameters of the requests. The
 * inspector of the worker is open meanwhile. A request ends with the connection of its client.
 *
 * @internal
 */
export interface InspectionRequests {
  /** The stack of what the worker runs at the moment. */
  readonly trace: WorkerChoice;
  /** A CPU profile. */
  readonly cpu: WorkerChoice & {
    /** For how long; 10 by default. */
    readonly seconds?: number;
    /** The absolute path of the new file. */
    readonly file: string;
  };
  /** A heap snapshot; the worker is blocked meanwhile. */
  readonly heap: { readonly slot: number; readonly file: string };
  /** The address of the inspector, which stays open until the client leaves, but not longer than `minutes`. */
  readonly inspect: {
    readonly slot: number;
    /** 30 by default. */
    readonly minutes?: number;
  };
}

/** @internal */
export type InspectionName = keyof InspectionRequests;

/** One of the requests. @internal */
export type Inspection = {
  readonly [Name in InspectionName]: { readonly name: Name } & InspectionRequests[Name];
}[InspectionName];

/** The longest CPU profile, in seconds. @internal */
export const MAX_PROFILE_SECONDS = 300;

/** The longest time for which a debugger can be connected, in minutes. @internal */
export const MAX_INSPECT_MINUTES = 480;

/** The worker that was inspected. */
interface Inspected {
  readonly slot: number;
  readonly pid: number;
}

/** The value of the last reply to `trace`. @internal */
export interface TraceResult extends Inspected {
  /** Lines as those of `Error.stack`; missing if it runs no JavaScript of the application. */
  readonly stack?: string;
  /** Milliseconds by which its next heartbeat was overdue: it is blocked for about this time. */
  readonly overdue?: number;
}

/** The value of the last reply to `cpu` and `heap`. @internal */
export interface InspectionFile extends Inspected {
  /** The path of the file, which only the user of the host can read. */
  readonly file: string;
  readonly bytes: number;
}

/** The value of the last reply to `inspect`. @internal */
export interface InspectResult extends Inspected {
  /** Why the inspector was closed: the time is over, or the worker has exited. */
  readonly ended: 'time' | 'exited';
}

/** An item before the last reply: how it goes on. @internal */
export type InspectionProgress =
  /** The profile has begun. */
  | { readonly type: 'profiling'; readonly pid: number; readonly seconds: number }
  /** The snapshot begins: the bytes that are in use in the heap. */
  | { readonly type: 'heap'; readonly pid: number; readonly used: number }
  /** So many bytes of the snapshot have been written. */
  | { readonly type: 'written'; readonly bytes: number }
  /** The inspector is open at this address, until so many ms are over. */
  | {
      readonly type: 'open';
      readonly pid: number;
      readonly url: string;
      readonly remaining: number;
    };
