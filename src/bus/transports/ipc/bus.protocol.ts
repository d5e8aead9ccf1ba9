import { integer, literal, matching, nothing, text } from '../../../validation/shape/scalars.js';
import { list, object, optional, record, tagged } from '../../../validation/shape/structures.js';
import type { Shape } from '../../../validation/shape/shape.js';
import { offsetShape } from '../../../state/offset.js';
import type { FeatureChannel } from '../../../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../../../ipc/protocol.js';
import type { MemberInfo } from '../../membership/bus-member.interface.js';
import type { MemberChangeText } from '../../membership/member-change.js';
import { memberInfoShape, memberChangeShape } from '../../payload/bus-message.shapes.js';
import type { Channel, Mark } from '../../bus-transport.interface.js';

/** The offsets up to which topics have been handled, by topic. @internal */
export type Offsets = Readonly<Record<string, string>>;

/** A request of a member of the bus to the broker in the primary. @internal */
export type BusRequest =
  | { readonly what: 'join'; readonly info: MemberInfo }
  | { readonly what: 'announce'; readonly info: MemberInfo }
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

/** A message from a worker to the broker in the primary. @internal */
export type BusToPrimary =
  /** The consumer offsets of this worker. */
  { readonly type: 'offsets'; readonly offsets: Offsets };

/** A message from the broker to a worker. @internal */
export type BusToWorker =
  /** A message to a member of the bus, on a channel that it subscribes to. */
  | {
      readonly type: 'text';
      readonly member: string;
      readonly channel: Channel;
      readonly text: string;
    }
  /** Messages up to the mark were dropped, because the buffer was full. */
  | {
      readonly type: 'skipped';
      readonly member: string;
      readonly channel: Channel;
      readonly mark: Mark;
    }
  | { readonly type: 'member'; readonly member: string; readonly change: MemberChangeText };

/** The questions of a worker to the broker, with the types of their answers. @internal */
export interface BusQuestions {
  /** Only `members` has a non-empty answer. */
  readonly bus: { readonly params: BusRequest; readonly answer: readonly MemberInfo[] };
  /** The consumer offsets of the predecessor in this slot. */
  readonly offsets: { readonly params: null; readonly answer: Offsets };
}

/** @internal */
export type BusProtocol = FeatureProtocol<BusToPrimary, BusToWorker, BusQuestions>;

/** @internal */
export type BusChannel = FeatureChannel<BusToPrimary, BusQuestions>;

/** The maximum number of topics in the offsets of one worker. */
const MAX_TOPICS = 100_000;

/** Names of topics have 512 bytes at most, names of members fewer; keys of groups are made of two names. */
const name = text({ minLength: 1, maxLength: 2_048 });

const channel: Shape<Channel> = matching<Channel>(
  /^(?:topic|ask|to|all):[^]{0,2048}$/,
  'the name of a channel',
);

/** A message with several events: one payload has at most 64 MB, and JSON escapes may lengthen it. */
const said = text({ maxLength: 256 * 1024 * 1024 });

const mark: Shape<Mark> = object<Mark>({ stream: name, topic: name, last: integer({ min: 0 }) });

const offsets: Shape<Offsets> = record(offsetShape, { maxLength: MAX_TOPICS });

type RequestOf<What extends BusRequest['what']> = Extract<BusRequest, { readonly what: What }>;

const request: Shape<BusRequest> = tagged<'what', BusRequest>('what', {
  join: object<RequestOf<'join'>>({ what: literal('join'), info: memberInfoShape }),
  announce: object<RequestOf<'announce'>>({ what: literal('announce'), info: memberInfoShape }),
  leave: object<RequestOf<'leave'>>({ what: literal('leave'), member: name }),
  members: object<RequestOf<'members'>>({ what: literal('members') }),
  subscribe: object<RequestOf<'subscribe'>>({ what: literal('subscribe'), member: name, channel }),
  unsubscribe: object<RequestOf<'unsubscribe'>>({
    what: literal('unsubscribe'),
    member: name,
    channel,
  }),
  publish: object<RequestOf<'publish'>>({
    what: literal('publish'),
    channel,
    text: said,
    mark: optional(mark),
  }),
});

const toPrimary: BusProtocol['toPrimary'] = {
  offsets: object<BusToPrimary>({ type: literal('offsets'), offsets }),
};

type ToWorkerOf<Type extends BusToWorker['type']> = Extract<BusToWorker, { readonly type: Type }>;

const toWorker: BusProtocol['toWorker'] = {
  text: object<ToWorkerOf<'text'>>({ type: literal('text'), member: name, channel, text: said }),
  skipped: object<ToWorkerOf<'skipped'>>({ type: literal('skipped'), member: name, channel, mark }),
  member: object<ToWorkerOf<'member'>>({
    type: literal('member'),
    member: name,
    change: memberChangeShape,
  }),
};

const questions: BusProtocol['questions'] = {
  bus: { params: request, answer: list(memberInfoShape) },
  offsets: { params: nothing, answer: offsets },
};

/** @internal */
export const busProtocol: BusProtocol = { toPrimary, toWorker, questions };
