import {
  integer,
  list,
  literal,
  matching,
  nothing,
  object,
  optional,
  record,
  type Shape,
  tagged,
  text,
} from '../../../validation/shape.js';
import { offsetShape } from '../../../state/offset.js';
import type { FeatureChannel } from '../../../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../../../ipc/protocol.js';
import type { MemberInfo, MemberChange } from '../../membership/bus-member.interface.js';
import { memberInfoShape, memberChangeShape } from '../../payload/bus-message.shapes.js';
import type { Channel, Mark } from '../../bus-transport.interface.js';

/** Of topics, the offsets up to which they have been handled. @internal */
export type Offsets = Readonly<Record<string, string>>;

/** What a member of the bus wants of the one in the primary. @internal */
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

/** What a worker tells the bus of its primary. @internal */
export type BusToPrimary =
  /** How far this worker has got with durable topics. */
  { readonly type: 'offsets'; readonly offsets: Offsets };

/** What the bus tells a worker. @internal */
export type BusToWorker =
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

/** What a worker asks the bus of its primary, with the answers. @internal */
export interface BusQuestions {
  /** Only `members` is answered with them. */
  readonly bus: { readonly params: BusRequest; readonly answer: readonly MemberInfo[] };
  /** How far had the one before in this slot got? */
  readonly offsets: { readonly params: null; readonly answer: Offsets };
}

/** @internal */
export type BusProtocol = FeatureProtocol<BusToPrimary, BusToWorker, BusQuestions>;

/** @internal */
export type BusChannel = FeatureChannel<BusToPrimary, BusQuestions>;

/** Topics that one worker may have read of: more than anybody has. */
const MAX_TOPICS = 100_000;

/** Names of topics have 512 bytes at most, names of members fewer; keys of groups are made of two names. */
const name = text({ minLength: 1, maxLength: 2_048 });

const channel: Shape<Channel> = matching<Channel>(
  /^(?:topic|ask|to|all):[^]{0,2048}$/,
  'the name of a channel',
);

/** Events on their way, several of them in one text: one payload has 64 MB at most, and JSON may make more of it. */
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
