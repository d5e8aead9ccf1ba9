import { MAX_WORKERS } from '../model/max-workers.js';
import type { WorkerFailure } from '../model/errors/worker-failure.interface.js';
import { boolean, integer, literal, nothing, number, text } from '../validation/shape/scalars.js';
import { nullable, object, optional, tagged } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import type { FeatureProtocol } from './protocol.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import {
  addressShape,
  clusterEventShape,
  drainCauseShape,
  hostStatusShape,
  phasesShape,
  signalShape,
  unfinishedShape,
  vitalsShape,
  workerFailureShape,
} from '../model/events/lifecycle.shapes.js';
import type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  ReloadResult,
  UnfinishedWork,
  WorkerVitals,
} from '../model/host-status.interface.js';

/** The terms on which a worker leaves. @internal */
export interface LeaveTerms {
  /** May differ from what the worker reported: a signal that it received may have been meant for the whole host. */
  readonly cause: DrainCause;
  /** Milliseconds until the worker is killed. */
  readonly timeout: number;
  /** Maximum milliseconds to wait for idle connections; by default their keep-alive timeout. */
  readonly idleTimeout?: number;
}

/** The address of a server with a socket of its own (`reuse-port`). @internal */
export interface PortAddress {
  /** A host name or an IP address; `null` for all addresses. */
  readonly address: string | null;
  readonly port: number;
  readonly ipv6Only: boolean;
}

/** The outcome of a command of a worker. @internal */
export type CommandOutcome<Value> =
  | { readonly type: 'done'; readonly value: Value }
  | { readonly type: 'failed'; readonly failure: CommandFailure }
  | { readonly type: 'stopping' }
  /** Caused by a bug in this package; all other failures have their own type. */
  | { readonly type: 'broken'; readonly why: string };

/** @internal */
export interface CommandFailure {
  /** The generation of the worker that failed. */
  readonly generation: number;
  readonly why: string;
  readonly worker: WorkerFailure;
}

/** The error that ends a worker before it is ready. @internal */
export interface BootFailure {
  /** The code of the error, such as `EADDRINUSE`, or the name of its class. */
  readonly code: string;
  /** The first line of its message. */
  readonly message: string;
  /** For a server that cannot listen, its address. */
  readonly address?: ListeningAddress;
}

/** Messages by which a worker reports on itself. @internal */
export type SupervisionToPrimary =
  /** A server listens that Node does not report to the primary (`reuse-port`). */
  | { readonly type: 'listening'; readonly address: ListeningAddress }
  | { readonly type: 'ready' }
  /** An error that may end the boot. */
  | { readonly type: 'bootFailed'; readonly failure: BootFailure }
  /** A spare has booted. */
  | { readonly type: 'standby' }
  /** A spare has no server whose `listen()` can be delayed, and is already working. */
  | { readonly type: 'unpromotable' }
  /** This worker accepts new connections again. */
  | { readonly type: 'recovered' }
  | { readonly type: 'heartbeat'; readonly vitals: WorkerVitals }
  /** The last message: the worker has drained, its hooks have run, and it exits. */
  | {
      readonly type: 'left';
      readonly phases: DrainPhases;
      readonly unfinished?: UnfinishedWork;
    }
  /** Requests the events of all workers from now on. */
  | { readonly type: 'watch' };

/** Messages of a primary to a worker. @internal */
export type SupervisionToWorker =
  /** Drain and exit. */
  | ({ readonly type: 'drain'; readonly signal?: NodeJS.Signals } & LeaveTerms)
  /** Accept new connections again, because no other worker does. */
  | { readonly type: 'open' }
  /** To a spare: take over this slot. */
  | { readonly type: 'promote'; readonly slot: number }
  | { readonly type: 'event'; readonly event: ClusterEvent };

/** The questions of a worker to its primary. @internal */
export interface SupervisionQuestions {
  /** Answered after everything that was sent before, so that all connections that were handed over have been read. */
  readonly flush: { readonly params: null; readonly answer: null };
  /** The worker wants to leave, and asks for the terms. */
  readonly leave: { readonly params: DrainCause; readonly answer: LeaveTerms };
  readonly status: { readonly params: null; readonly answer: HostStatus };
  readonly reload: { readonly params: null; readonly answer: CommandOutcome<ReloadResult> };
  /** The worker asks whether it may stop accepting connections, because its event loop is that many ms late. */
  readonly overloaded: { readonly params: number; readonly answer: boolean };
  readonly scale: { readonly params: number; readonly answer: CommandOutcome<number> };
  /** Whether connections to this address can be handed to another worker. */
  readonly takesConnections: { readonly params: ListeningAddress; readonly answer: boolean };
  /** Whether the worker may listen there, because no other host does. */
  readonly claimPort: { readonly params: PortAddress; readonly answer: boolean };
}

/** @internal */
export type SupervisionProtocol = FeatureProtocol<
  SupervisionToPrimary,
  SupervisionToWorker,
  SupervisionQuestions
>;

/** Milliseconds, up to the maximum of timers. */
const time = number({ min: 0, max: 2 ** 31 - 1 });

const count = integer({ min: 0 });

const terms = { cause: drainCauseShape, timeout: time, idleTimeout: optional(time) };

type ToPrimaryOf<Type extends SupervisionToPrimary['type']> = Extract<
  SupervisionToPrimary,
  { readonly type: Type }
>;

const toPrimary: SupervisionProtocol['toPrimary'] = {
  listening: object<ToPrimaryOf<'listening'>>({
    type: literal('listening'),
    address: addressShape,
  }),
  ready: object<ToPrimaryOf<'ready'>>({ type: literal('ready') }),
  bootFailed: object<ToPrimaryOf<'bootFailed'>>({
    type: literal('bootFailed'),
    failure: object<BootFailure>({
      code: text(),
      message: text(),
      address: optional(addressShape),
    }),
  }),
  standby: object<ToPrimaryOf<'standby'>>({ type: literal('standby') }),
  unpromotable: object<ToPrimaryOf<'unpromotable'>>({ type: literal('unpromotable') }),
  recovered: object<ToPrimaryOf<'recovered'>>({ type: literal('recovered') }),
  heartbeat: object<ToPrimaryOf<'heartbeat'>>({ type: literal('heartbeat'), vitals: vitalsShape }),
  left: object<ToPrimaryOf<'left'>>({
    type: literal('left'),
    phases: phasesShape,
    unfinished: optional(unfinishedShape),
  }),
  watch: object<ToPrimaryOf<'watch'>>({ type: literal('watch') }),
};

type ToWorkerOf<Type extends SupervisionToWorker['type']> = Extract<
  SupervisionToWorker,
  { readonly type: Type }
>;

const toWorker: SupervisionProtocol['toWorker'] = {
  drain: object<ToWorkerOf<'drain'>>({
    ...terms,
    type: literal('drain'),
    signal: optional(signalShape),
  }),
  open: object<ToWorkerOf<'open'>>({ type: literal('open') }),
  promote: object<ToWorkerOf<'promote'>>({ type: literal('promote'), slot: count }),
  event: object<ToWorkerOf<'event'>>({ type: literal('event'), event: clusterEventShape }),
};

type OutcomeOf<Type extends string> = Extract<CommandOutcome<never>, { readonly type: Type }>;

const failure = object<CommandFailure>({
  generation: count,
  why: text(),
  worker: workerFailureShape,
});

const questions: SupervisionProtocol['questions'] = {
  flush: { params: nothing, answer: nothing },
  leave: { params: drainCauseShape, answer: object<LeaveTerms>(terms) },
  status: { params: nothing, answer: hostStatusShape },
  reload: {
    params: nothing,
    answer: outcomeOf(object<ReloadResult>({ generation: count, duration: number({ min: 0 }) })),
  },
  overloaded: { params: number({ min: 0 }), answer: boolean },
  scale: { params: integer({ min: 1, max: MAX_WORKERS }), answer: outcomeOf(count) },
  takesConnections: { params: addressShape, answer: boolean },
  claimPort: {
    params: object<PortAddress>({
      address: nullable(text({ maxLength: 4_096 })),
      port: integer({ min: 1, max: 65_535 }),
      ipv6Only: boolean,
    }),
    answer: boolean,
  },
};

/** @internal */
export const supervisionProtocol: SupervisionProtocol = { toPrimary, toWorker, questions };

function outcomeOf<Value>(value: Shape<Value>): Shape<CommandOutcome<Value>> {
  return tagged<'type', CommandOutcome<Value>>('type', {
    done: object<{ type: 'done'; value: Value }>({ type: literal('done'), value }),
    failed: object<OutcomeOf<'failed'>>({ type: literal('failed'), failure }),
    stopping: object<OutcomeOf<'stopping'>>({ type: literal('stopping') }),
    broken: object<OutcomeOf<'broken'>>({ type: literal('broken'), why: text() }),
  });
}
