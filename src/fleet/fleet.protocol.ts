import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import type { FleetHost } from '../model/fleet-status.interface.js';
import {
  anything,
  enumeration,
  integer,
  literal,
  nothing,
  text,
} from '../validation/shape/scalars.js';
import { list, object, optional, tagged } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import { type HostFacts, modeShape, reloadShape } from './host-record.js';

/** How a host answers the order to reload. @internal */
export type OrderAnswer =
  | 'accepted'
  /** The host has had an order with a higher token. */
  | 'stale'
  | 'stopping'
  /** No worker of the host has answered. */
  | 'unanswered'
  /** The lock was lost, so nothing was ordered. */
  | 'lockLost';

/** An order to reload. @internal */
export interface Order {
  /** The fencing token of the lock. */
  readonly token: number;
  /**
   * The first token of the reload of all hosts, which stays the same if the lock is lost and taken again: a host reloads
   * once for it. Earlier versions do not send it.
   */
  readonly rollout?: number | undefined;
}

/** What a primary asks its agent. @internal */
export type FleetAsk =
  /** Answered with the {@link FleetStatus}. */
  | { readonly name: 'fleet' }
  /** Answered with those of the hosts that exist, as a list of {@link FleetHost}. */
  | { readonly name: 'look'; readonly hosts: readonly string[] }
  /** Takes the lock of whoever reloads all hosts; answered with its token, or `null` if another host has it. */
  | { readonly name: 'lock' }
  | { readonly name: 'unlock' }
  /** Orders a host to reload; answered with an {@link OrderAnswer}. */
  | ({ readonly name: 'order'; readonly host: FleetHost['id'] } & Order);

/** @internal */
export type FleetAnswer =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'failed'; readonly why: string };

/** @internal */
export type FleetToPrimary =
  /** This worker is ready, and can be the agent. */
  | { readonly type: 'fleetCandidate' }
  /** The agent is at work. */
  | { readonly type: 'fleetBeat' }
  | { readonly type: 'fleetAnswered'; readonly id: number; readonly answer: FleetAnswer };

/** @internal */
export type FleetToWorker =
  /** This worker is the agent from now on; sent again when the facts have changed. */
  | { readonly type: 'fleetDuty'; readonly facts: HostFacts }
  /** This worker is no longer the agent. */
  | { readonly type: 'fleetRest' }
  | { readonly type: 'fleetQuestion'; readonly id: number; readonly ask: FleetAsk };

/** @internal */
export interface FleetQuestions {
  /** What the primary knows about its host. */
  readonly fleetSelf: { readonly params: null; readonly answer: HostFacts };
  /** A host, which may be this one, orders a reload. */
  readonly fleetOrder: { readonly params: Order; readonly answer: OrderAnswer };
}

/**
 * The messages between a primary and the one of its workers that speaks for the host in Redis: its agent.
 *
 * @internal
 */
export type FleetProtocol = FeatureProtocol<FleetToPrimary, FleetToWorker, FleetQuestions>;

/** @internal */
export type FleetChannel = FeatureChannel<FleetToPrimary, FleetQuestions>;

const count = integer({ min: 0 });

const hostId = text({ maxLength: 100 });

type UpOf<Type extends FleetToPrimary['type']> = Extract<FleetToPrimary, { type: Type }>;
type DownOf<Type extends FleetToWorker['type']> = Extract<FleetToWorker, { type: Type }>;
type AnswerOf<Type extends FleetAnswer['type']> = Extract<FleetAnswer, { type: Type }>;
type AskOf<Name extends FleetAsk['name']> = Extract<FleetAsk, { name: Name }>;

const facts: Shape<HostFacts> = object<HostFacts>({
  id: hostId,
  name: text(),
  pid: count,
  version: text(),
  mode: modeShape,
  reload: optional(reloadShape),
});

/** @internal */
export const orderAnswerShape: Shape<OrderAnswer> = enumeration<OrderAnswer>({
  accepted: true,
  stale: true,
  stopping: true,
  unanswered: true,
  lockLost: true,
});

const order = { token: count, rollout: optional(count) };

/** @internal */
export const orderShape = object<Order>(order);

/** @internal */
export const fleetProtocol: FleetProtocol = {
  toPrimary: {
    fleetCandidate: object<UpOf<'fleetCandidate'>>({ type: literal('fleetCandidate') }),
    fleetBeat: object<UpOf<'fleetBeat'>>({ type: literal('fleetBeat') }),
    fleetAnswered: object<UpOf<'fleetAnswered'>>({
      type: literal('fleetAnswered'),
      id: count,
      answer: tagged<'type', FleetAnswer>('type', {
        value: object<AnswerOf<'value'>>({ type: literal('value'), value: anything }),
        failed: object<AnswerOf<'failed'>>({ type: literal('failed'), why: text() }),
      }),
    }),
  },
  toWorker: {
    fleetDuty: object<DownOf<'fleetDuty'>>({ type: literal('fleetDuty'), facts }),
    fleetRest: object<DownOf<'fleetRest'>>({ type: literal('fleetRest') }),
    fleetQuestion: object<DownOf<'fleetQuestion'>>({
      type: literal('fleetQuestion'),
      id: count,
      ask: tagged<'name', FleetAsk>('name', {
        fleet: object<AskOf<'fleet'>>({ name: literal('fleet') }),
        look: object<AskOf<'look'>>({ name: literal('look'), hosts: list(hostId) }),
        lock: object<AskOf<'lock'>>({ name: literal('lock') }),
        unlock: object<AskOf<'unlock'>>({ name: literal('unlock') }),
        order: object<AskOf<'order'>>({ name: literal('order'), host: hostId, ...order }),
      }),
    }),
  },
  questions: {
    fleetSelf: { params: nothing, answer: facts },
    fleetOrder: { params: orderShape, answer: orderAnswerShape },
  },
};
