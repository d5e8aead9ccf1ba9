import {
  boolean,
  enumeration,
  integer,
  literal,
  matching,
  number,
  text,
} from '../../validation/shape/scalars.js';
import { list, nullable, object, optional, tagged } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';
import type { WorkerFailure } from '../errors/worker-failure.interface.js';
import type {
  ClusterEvent,
  HostEvent,
  OutputStream,
  WorkerEvent,
} from './cluster-event.interface.js';
import type {
  BusVitals,
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  StateMemory,
  UnfinishedWork,
  WorkerExit,
  WorkerExitReason,
  WorkerState,
  WorkerStatus,
  WorkerVitals,
} from '../host-status.interface.js';

/** The shapes of properties that are spread into the shape of an object. */
type FieldsOf<T> = { readonly [Name in keyof T]-?: Shape<T[Name]> };

/** Checks the words of a union. */
type Words = <T extends string>(members: Readonly<Record<T, true>>) => Shape<T>;

/** Accepts any words: those of another version, which may be unknown here. */
const anyWords: Words = <T extends string>() => text<T>();

const count = integer({ min: 0 });

/** Milliseconds, bytes, shares. */
const amount = number({ min: 0 });

const instant = number();

/** An address; it can be the path of a Unix socket. @internal */
export const addressShape: Shape<ListeningAddress> = object<ListeningAddress>({
  address: nullable(text({ maxLength: 4_096 })),
  port: nullable(integer({ min: 0, max: 65_535 })),
});

const DRAIN_CAUSES: Readonly<Record<DrainCause, true>> = {
  stop: true,
  reload: true,
  recycle: true,
  scale: true,
  signal: true,
  close: true,
  orphaned: true,
};

/** @internal */
export const drainCauseShape: Shape<DrainCause> = enumeration<DrainCause>(DRAIN_CAUSES);

/** @internal */
export const signalShape: Shape<NodeJS.Signals> = matching<NodeJS.Signals>(
  /^SIG[A-Z0-9]{1,16}$/,
  'the name of a signal',
);

/** @internal */
export const phasesShape: Shape<DrainPhases> = object<DrainPhases>({
  handover: amount,
  connections: amount,
  hooks: amount,
});

/** @internal */
export const unfinishedShape: Shape<UnfinishedWork> = object<UnfinishedWork>({
  requests: count,
  messages: count,
  tasks: count,
});

const EXIT_REASONS: Readonly<Record<WorkerExitReason, true>> = {
  left: true,
  crashed: true,
  'boot-failed': true,
  'boot-timeout': true,
  'drain-timeout': true,
  hung: true,
  killed: true,
};

/** @internal */
export const exitReasonShape: Shape<WorkerExitReason> = enumeration<WorkerExitReason>(EXIT_REASONS);

const failureShape = (words: Words): Shape<WorkerFailure> =>
  object<WorkerFailure>({
    slot: integer({ min: -1 }),
    pid: count,
    reason: words(EXIT_REASONS),
    output: text(),
  });

/** @internal */
export const workerFailureShape: Shape<WorkerFailure> = failureShape(enumeration);

/** A failed worker of a host of any version. @internal */
export const foreignFailureShape: Shape<WorkerFailure> = failureShape(anyWords);

/** @internal */
export const vitalsShape: Shape<WorkerVitals> = object<WorkerVitals>({
  memory: amount,
  requests: count,
  eventLoopDelay: amount,
  eventLoopDelayP99: amount,
  eventLoopUtilization: amount,
  bus: optional(
    object<BusVitals>({
      gaps: count,
      missed: count,
      missedLately: count,
      queued: count,
      fullness: amount,
      unsent: count,
    }),
  ),
});

const worker: FieldsOf<WorkerEvent> = {
  slot: integer({ min: -1 }),
  generation: count,
  id: count,
  pid: count,
  at: instant,
};

const host: FieldsOf<HostEvent> = { generation: count, pid: count, at: instant };

type EventOf<Type extends ClusterEvent['type']> = Extract<ClusterEvent, { readonly type: Type }>;

const OUTPUT_STREAMS: Readonly<Record<OutputStream, true>> = { stdout: true, stderr: true };

const eventShape = (words: Words): Shape<ClusterEvent> =>
  tagged<'type', ClusterEvent>('type', {
    workerForked: object<EventOf<'workerForked'>>({ ...worker, type: literal('workerForked') }),
    workerOnline: object<EventOf<'workerOnline'>>({ ...worker, type: literal('workerOnline') }),
    workerStandby: object<EventOf<'workerStandby'>>({
      ...worker,
      type: literal('workerStandby'),
      bootTime: amount,
    }),
    workerListening: object<EventOf<'workerListening'>>({
      ...worker,
      type: literal('workerListening'),
      address: addressShape,
    }),
    workerReady: object<EventOf<'workerReady'>>({
      ...worker,
      type: literal('workerReady'),
      bootTime: amount,
    }),
    workerDraining: object<EventOf<'workerDraining'>>({
      ...worker,
      type: literal('workerDraining'),
      cause: words(DRAIN_CAUSES),
    }),
    workerOutputPaused: object<EventOf<'workerOutputPaused'>>({
      ...worker,
      type: literal('workerOutputPaused'),
      stream: words(OUTPUT_STREAMS),
    }),
    workerOutputResumed: object<EventOf<'workerOutputResumed'>>({
      ...worker,
      type: literal('workerOutputResumed'),
      stream: words(OUTPUT_STREAMS),
      duration: amount,
    }),
    workerDisconnected: object<EventOf<'workerDisconnected'>>({
      ...worker,
      type: literal('workerDisconnected'),
    }),
    workerExited: object<EventOf<'workerExited'>>({
      ...worker,
      type: literal('workerExited'),
      code: nullable(integer()),
      signal: nullable(signalShape),
      reason: words(EXIT_REASONS),
      uptime: amount,
      budget: optional(amount),
      phases: optional(phasesShape),
      unfinished: optional(unfinishedShape),
    }),
    reloadStarted: object<EventOf<'reloadStarted'>>({ ...host, type: literal('reloadStarted') }),
    reloadFinished: object<EventOf<'reloadFinished'>>({
      ...host,
      type: literal('reloadFinished'),
      outcome: words<EventOf<'reloadFinished'>['outcome']>({
        done: true,
        failed: true,
        stopped: true,
      }),
      duration: amount,
      error: optional(text()),
    }),
  });

/** @internal */
export const clusterEventShape: Shape<ClusterEvent> = eventShape(enumeration);

/** An event of a host of any version, if its type is known here. @internal */
export const foreignEventShape: Shape<ClusterEvent> = eventShape(anyWords);

const workerStatus = (words: Words): Shape<WorkerStatus> =>
  object<WorkerStatus>({
    slot: integer({ min: -1 }),
    generation: count,
    id: count,
    pid: count,
    state: words<WorkerState>({
      booting: true,
      standby: true,
      ready: true,
      draining: true,
      exited: true,
    }),
    serves: boolean,
    uptime: amount,
    restarts: count,
    lastExit: optional(
      object<WorkerExit>({
        code: nullable(integer()),
        signal: nullable(signalShape),
        reason: words(EXIT_REASONS),
        error: optional(text()),
        at: instant,
      }),
    ),
    isOverloaded: optional(boolean),
    isOutputPaused: optional(boolean),
    vitals: optional(vitalsShape),
    heartbeatOverdue: optional(amount),
  });

const statusShape = (words: Words): Shape<HostStatus> =>
  object<HostStatus>({
    pid: count,
    uptime: amount,
    state: words<HostStatus['state']>({ running: true, stopping: true }),
    generation: count,
    wanted: count,
    ready: count,
    hasStarted: boolean,
    discardedOutput: count,
    stateMemory: object<StateMemory>({ used: amount, limit: amount }),
    recentRestarts: count,
    workers: list(workerStatus(words)),
    spares: list(workerStatus(words)),
  });

/** @internal */
export const hostStatusShape: Shape<HostStatus> = statusShape(enumeration);

/** The status of a host of any version. @internal */
export const foreignStatusShape: Shape<HostStatus> = statusShape(anyWords);
