import { eventPositionShape } from '../../state/offset.js';
import {
  anything,
  integer,
  list,
  literal,
  matching,
  number,
  object,
  optional,
  record,
  type Shape,
  text,
} from '../../validation/shape.js';
import type {
  GroupPlace,
  MemberCard,
  MemberChange,
  Sender,
} from '../membership/bus-member.interface.js';
import type {
  EventsText,
  Head,
  HeadsQuestionText,
  HeadsText,
  KeptEvent,
  KeptText,
  PrivateText,
  QuestionText,
  ReplyText,
  SentEvent,
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

/** JSON has it, whatever it is. */
const payload: Shape<unknown> = value =>
  value === undefined ? { path: [], expected: 'there', received: value } : undefined;

const sentFields = {
  payload,
  self: optional(literal(false)),
  to: optional(record(text())),
};

const keptEventFields = { ...sentFields, from: sender, topic };

const head = object<Head>({
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

/** An event as the backend keeps it. @internal */
export const keptEventShape: Shape<KeptEvent> = object<KeptEvent>(keptEventFields);

const kept = object<KeptText>({ kept: eventPositionShape, event: keptEventShape });

const reply = object<ReplyText>({
  answers: text({ maxLength: 100 }),
  from: sender,
  value: optional(anything),
  error: optional(text()),
});

const heads = object<HeadsText>({ headsOf: sender, heads: list(head) });

const headsQuestion = object<HeadsQuestionText>({ asks: member, filters: list(text()) });

/** What is said on a topic. @internal */
export const topicTextShape: Shape<EventsText | KeptText> = choose('kept', kept, events);

/** What is asked on a topic. @internal */
export const questionTextShape: Shape<QuestionText> = object<QuestionText>({
  question: text({ maxLength: 100 }),
  from: sender,
  topic,
  payload,
});

/** What is said to one member. @internal */
export const privateTextShape: Shape<PrivateText> = choose('answers', reply, heads);

/** What is said to all members. @internal */
export const headsTextShape: Shape<HeadsText | HeadsQuestionText> = choose(
  'asks',
  headsQuestion,
  heads,
);

/** What a member tells of itself. @internal */
export const memberCardShape: Shape<MemberCard> = object<MemberCard>({
  ...senderFields,
  answers: list(text()),
  groups: list(object<GroupPlace>({ filter: text(), group: text() })),
  seats: list(text()),
  patterns: list(text()),
});

/** What is told of a member. @internal */
export const memberChangeShape: Shape<MemberChange> = choose(
  'left',
  object<{ readonly left: string }>({ left: member }),
  object<{ readonly told: MemberCard }>({ told: memberCardShape }),
);

/** Which of two it is, the presence of a property tells. */
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
