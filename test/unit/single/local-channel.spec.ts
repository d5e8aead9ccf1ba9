import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MemberInfo } from '../../../src/bus/membership/bus-member.interface.js';
import type { Channel } from '../../../src/bus/bus-transport.interface.js';
import { IpcTransport } from '../../../src/bus/transports/ipc/ipc-transport.js';
import { memoryChannel } from '../../support/memory-channel.js';
import { TopicPublisher } from '../../../src/bus/publish/topic-publisher.js';
import { monotonicNow } from '../../../src/system/time/monotonic-now.js';

/** So many calls one after the other would let the event loop wait for too long. */
const MANY = 1_000;

const INFO: MemberInfo = {
  member: 'm',
  host: 'h',
  slot: 0,
  generation: 0,
  id: 1,
  pid: 2,
  answers: [],
  groups: [],
  consumers: [],
  patterns: [],
};

let transport: IpcTransport;
let onText: (channel: Channel) => void;
let turn: NodeJS.Immediate;
let hasTurned: boolean;

beforeEach(() => {
  transport = new IpcTransport(memoryChannel());
  onText = () => {};
  transport.open(INFO, {
    onText: channel => onText(channel),
    onSkipped: () => {},
    onMember: () => {},
    onUnreadable: () => {},
    onAvailable: () => {},
    onResumed: () => {},
    patternsFor: () => [],
  });
  hasTurned = false;
  turn = setImmediate(() => (hasTurned = true));
});
afterEach(() => clearImmediate(turn));

const isOver = (): boolean => hasTurned;
const senderOf = (topic: string): TopicPublisher =>
  new TopicPublisher(transport, topic, 1, { member: 'm', text: '{"member":"m"}' });
const publish = (sender: TopicPublisher): Promise<void> =>
  sender.publish('1', {}, monotonicNow() + 60_000);

it('one who publishes again and again does not keep the event loop from turning', async () => {
  const sender = senderOf('t');
  let published = 0;
  while (published < MANY && !isOver()) {
    published++;
    await publish(sender);
  }
  expect(published).toBeLessThan(MANY);
});

it('two handlers that answer each other do not keep the event loop from turning', async () => {
  const ping = senderOf('ping');
  const pong = senderOf('pong');
  let heard = 0;
  const done = new Promise<void>(resolve => {
    onText = channel => {
      if (++heard === MANY || hasTurned) {
        resolve();
      } else {
        void publish(channel === 'topic:ping' ? pong : ping);
      }
    };
  });
  await transport.subscribe('topic:ping');
  await transport.subscribe('topic:pong');
  await publish(ping);
  await done;
  expect(heard).toBeLessThan(MANY);
});
