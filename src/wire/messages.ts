import type { MemberCard, MemberChange } from '../bus/bus-member.interface.js';
import type { Channel, Mark } from '../bus/bus-transport.interface.js';
import type { ClusterEvent } from '../events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  ReloadResult,
  WorkerVitals,
} from '../events/worker-facts.js';
import type { WorkerFailure } from '../errors/worker-failure.interface.js';
import type { Recollection } from '../state/recollection.js';
import type { Batch, Grant, OperationPlace, Outcome } from '../state/state-executor.interface.js';

/** A batch, and who is to hear of grants. @internal */
export interface ClientBatch {
  readonly client: string;
  readonly batch: Batch;
}

/** On what terms a worker leaves. @internal */
export interface LeaveTerms {
  /** Not always what the worker thought: the signal it got may have been meant for the whole host. */
  readonly cause: DrainCause;
  /** Milliseconds until what is left of the worker is killed. */
  readonly timeout: number;
  /** Milliseconds that idle connections are waited for at most, if not for their keep-alive timeout. */
  readonly idleTimeout?: number;
}

/** What a client that is gone has left: it may hold locks in the partitions of these keys. @internal */
export interface Estate {
  readonly client: string;
  readonly keys: readonly string[];
}

/** Of topics, the positions up to which they have been handled. @internal */
export type Positions = Readonly<Record<string, string>>;

/** What a member of the bus wants of the one in the primary. @internal */
export type BusRequest =
  | { readonly what: 'join'; readonly card: MemberCard }
  | { readonly what: 'announce'; readonly card: MemberCard }
  | { readonly what: 'leave'; readonly member: string }
  | { readonly what: 'members' }
  | { readonly what: 'subscribe'; readonly member: string; readonly channel: Channel }
  | { readonly what: 'unsubscribe'; readonly member: string; readonly channel: Channel }
  | {
      readonly what: 'publish';
      readonly channel: Channel;
      readonly text: string;
      readonly mark?: Mark;
    };

/** What became of a command that a worker has given. @internal */
export type CommandOutcome<Value> =
  | { readonly type: 'done'; readonly value: Value }
  | { readonly type: 'failed'; readonly failure: CommandFailure }
  | { readonly type: 'stopping' }
  /** A bug of ours, as nothing else is left. */
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
  /** Of a server that cannot listen, where it should. */
  readonly address?: ListeningAddress;
}

/** What a worker tells its primary. @internal */
export type ToPrimary =
  /** A server listens of which Node does not tell the primary (`reuse-port`). */
  | { readonly type: 'listening'; readonly address: ListeningAddress }
  | { readonly type: 'ready' }
  /** This may be the end of it. */
  | { readonly type: 'bootFailed'; readonly failure: BootFailure }
  /** A worker that is to stand by has booted. */
  | { readonly type: 'standby' }
  /** It has nothing that it could begin later: it works already. */
  | { readonly type: 'unpromotable' }
  /** This worker takes new connections again. */
  | { readonly type: 'recovered' }
  | { readonly type: 'heartbeat'; readonly vitals: WorkerVitals }
  /** The last word: drained, hooks run, about to go. */
  | { readonly type: 'left'; readonly phases: DrainPhases }
  /** From now on, send me the events of all workers. */
  | { readonly type: 'watch' }
  /** Others have to be told when this client is gone; it may hold locks in the partition of the key. */
  | { readonly type: 'client'; readonly client: string; readonly key?: string }
  /** How far this worker has got with reliable topics. */
  | { readonly type: 'positions'; readonly positions: Positions };

/** What the primary tells a worker. @internal */
export type ToWorker =
  /** Drain and leave. */
  | ({ readonly type: 'drain'; readonly signal?: NodeJS.Signals } & LeaveTerms)
  /** Take new connections again: there is nobody else. */
  | { readonly type: 'open' }
  /** To one that stands by: take this place. */
  | { readonly type: 'promote'; readonly slot: number }
  | { readonly type: 'event'; readonly event: ClusterEvent }
  | { readonly type: 'grant'; readonly client: string; readonly grant: Grant }
  | { readonly type: 'bury'; readonly estate: Estate }
  /** To a member of the bus, on a channel that it has subscribed to. */
  | {
      readonly type: 'text';
      readonly member: string;
      readonly channel: Channel;
      readonly text: string;
    }
  /** What was said there up to the mark, there was no room for. */
  | {
      readonly type: 'skipped';
      readonly member: string;
      readonly channel: Channel;
      readonly mark: Mark;
    }
  | { readonly type: 'member'; readonly member: string; readonly change: MemberChange };

/** What a worker asks its primary, with the answers. @internal */
export interface Questions {
  /** Answered after everything sent before: nothing handed over is left unread. */
  readonly flush: { readonly asks: null; readonly answer: null };
  /** I begin to leave: on what terms? */
  readonly leave: { readonly asks: DrainCause; readonly answer: LeaveTerms };
  readonly status: { readonly asks: null; readonly answer: HostStatus };
  readonly reload: { readonly asks: null; readonly answer: CommandOutcome<ReloadResult> };
  /** My event loop is so many milliseconds late: may I take no new connections for a while? */
  readonly overloaded: { readonly asks: number; readonly answer: boolean };
  readonly scale: { readonly asks: number; readonly answer: CommandOutcome<number> };
  /** To the bus in the primary; only `members` is answered with them. */
  readonly bus: { readonly asks: BusRequest; readonly answer: readonly MemberCard[] };
  /** How far had the one before in this slot got? */
  readonly positions: { readonly asks: null; readonly answer: Positions };
  /** To the memory backend. */
  readonly execute: { readonly asks: ClientBatch; readonly answer: Outcome };
  readonly recall: {
    readonly asks: { readonly place: OperationPlace; readonly at: number };
    readonly answer: Recollection;
  };
}

/** @internal */
export type QuestionName = keyof Questions;

/** A question as a union over its names, so that the answering side can switch on `name`. @internal */
export type Question = {
  [Name in QuestionName]: {
    readonly name: Name;
    readonly asks: Questions[Name]['asks'];
    readonly answer: (answer: Questions[Name]['answer']) => void;
  };
}[QuestionName];
