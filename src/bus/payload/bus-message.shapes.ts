import { eventOffsetShape } from '../../state/offset.js';
import {
  anything,
  integer,
  literal,
  matching,
  number,
  text,
} from '../../validation/shape/scalars.js';
import { either, list, object, optional, record } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';
import type { GroupMembership, MemberInfo, Sender } from '../membership/bus-member.interface.js';
import type { MemberChangeText } from '../membership/member-change.js';
import type {
  EventsText,
  HighWaterMark,
  HighWaterMarksRequest,
  HighWaterMarksText,
  DurableEvent,
  DurableEventText,
  PrivateText,
  RelayedPatternsText,
  RepliesText,
  RequestsText,
  SentEvent,
  SentReply,
  SentRequest,
} from './bus-message.js';

const member: Shape<string> = matching(/^[\w-]{1,64}$/, 'the name of a member');

const topic: Shape<string> = text();

const senderFields = {
  member,
  host: text({ maxLength: 300 }),
  slot: integer({ min: -1 }),
  generation: integer({ min: 0 }),
  id: integer({ min: 0 }),
  pid: integer({ min: 0 }),
};

const sender = object<Sender>(senderFields);

/** Any JSON value, but not a missing property. */
const payload: Shape<unknown> = value =>
  value === undefined ? { path: [], expected: 'there', received: value } : undefined;

const sentFields = {
  payload,
  self: optional(literal(false)),
  to: optional(record(text())),
};

const durableEventFields = { ...sentFields, from: sender, topic };

const head = object<HighWaterMark>({
  topic,
  run: integer({ min: 1 }),
  last: integer({ min: 0 }),
  age: number({ min: 0 }),
});

const events = object<EventsText>({
  from: sender,
  topic,
  run: integer({ min: 1 }),
  first: integer({ min: 1 }),
  events: list(object<SentEvent>(sentFields)),
});

/** An event as the backend stores it. @internal */
export const durableEventShape: Shape<DurableEvent> = object<DurableEvent>(durableEventFields);

const kept = object<DurableEventText>({ kept: eventOffsetShape, event: durableEventShape });

const replies = object<RepliesText>({
  from: sender,
  replies: list(
    object<SentReply>({
      answers: text({ maxLength: 100 }),
      value: optional(anything),
      error: optional(text()),
    }),
  ),
});

const heads = object<HighWaterMarksText>({ headsOf: sender, heads: list(head) });

const headsQuestion = object<HighWaterMarksRequest>({ asks: member, filters: list(text()) });

const relayedPatterns = object<RelayedPatternsText>({ relaysTo: list(text()), publisher: member });

/** A message on a topic. @internal */
export const topicTextShape: Shape<EventsText | DurableEventText> = choose('kept', kept, events);

/** Requests on a topic. @internal */
export const requestsTextShape: Shape<RequestsText> = object<RequestsText>({
  from: sender,
  topic,
  requests: list(object<SentRequest>({ question: text({ maxLength: 100 }), payload })),
});

/** A message to one member. @internal */
export const privateTextShape: Shape<PrivateText> = choose(
  'replies',
  replies,
  choose('relaysTo', relayedPatterns, heads),
);

/** A message to all members. @internal */
export const highWaterMarksShape: Shape<HighWaterMarksText | HighWaterMarksRequest> = choose(
  'asks',
  headsQuestion,
  heads,
);

/** The announced data of a member. @internal */
export const memberInfoShape: Shape<MemberInfo> = object<MemberInfo>({
  ...senderFields,
  answers: list(text()),
  groups: list(
    object<GroupMembership>({ filter: text(), group: text(), isDurable: optional(literal(true)) }),
  ),
  consumers: list(text()),
  patterns: list(text()),
});

/** A change of the members. @internal */
export const memberChangeShape: Shape<MemberChangeText> = choose(
  'left',
  object<{ readonly left: string | readonly string[] }>({
    left: either('the name of a member, or several', member, list(member)),
  }),
  object<{ readonly told: MemberInfo }>({ told: memberInfoShape }),
);

/** Chooses between two shapes by the presence of a property. */
function choose<One, Other>(
  property: string,
  withIt: Shape<One>,
  withoutIt: Shape<Other>,
): Shape<One | Other> {
  return value =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, property)
      ? withIt(value)
      : withoutIt(value);
}
