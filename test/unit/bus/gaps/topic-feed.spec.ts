import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ArrivedEvent,
  FeedListener,
} from '../../../../src/bus/subscribe/arrived-event.interface.js';
import { TopicFeed } from '../../../../src/bus/gaps/topic-feed.js';
import type { Gap } from '../../../../src/bus/gaps/gap.interface.js';
import { topicMatcher } from '../../../../src/bus/topic-filter.js';

const FROM = { member: 'sender', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

class Listener implements FeedListener {
  readonly events: ArrivedEvent[] = [];
  readonly passed: ArrivedEvent[] = [];
  readonly gaps: Gap[] = [];

  onEvent(event: ArrivedEvent): void {
    this.events.push(event);
  }

  onPassed(event: ArrivedEvent): void {
    this.passed.push(event);
  }

  onGap(gap: Gap): void {
    this.gaps.push(gap);
  }

  onResumed(): void {}

  get payloads(): unknown[] {
    return this.events.map(({ payload }) => payload);
  }
}

let feed: TopicFeed;
let listener: Listener;

beforeEach(() => {
  feed = new TopicFeed('order.*', topicMatcher('order.*'), 'me');
  listener = new Listener();
  feed.add(listener);
});

const events = (first: number, payloads: unknown[], rest: object = {}): string =>
  JSON.stringify({
    v: 1,
    from: FROM,
    topic: 'order.paid',
    run: 1,
    first,
    events: payloads.map(payload => ({ payload })),
    ...rest,
  });

describe('a feed', () => {
  it('tells what an event takes in memory: two bytes for characters that take two', () => {
    feed.take(events(1, ['x'.repeat(10_000)]));
    feed.take(events(2, ['ж'.repeat(10_000)]));
    const [one, two] = listener.events;
    expect(one!.size).toBeLessThan(11_000);
    expect(two!.size).toBeGreaterThan(20_000);
  });

  it('brings each event once, and tells what is missing', () => {
    feed.take(events(1, ['a', 'b']));
    feed.take(events(2, ['b', 'c']));
    feed.take(events(6, ['f']));
    expect(listener.payloads).toEqual(['a', 'b', 'c', 'f']);
    expect(listener.gaps).toEqual([{ topic: 'order.paid', missed: 2, reason: 'connection' }]);
  });

  it('brings nothing of another topic, whatever the transport took for it', () => {
    feed.take(events(1, ['a'], { topic: 'other' }));
    expect(listener.events).toEqual([]);
  });

  it('takes no event for kept that is not counted from 1', () => {
    const event = { v: 1, from: FROM, topic: 'order.paid', payload: 'a' };
    expect(() => feed.take(JSON.stringify({ kept: '7-0', event }))).toThrow('offset');
    feed.take(JSON.stringify({ kept: '7-10', event }));
    expect(listener.payloads).toEqual(['a']);
  });

  it('gives each listener a payload of its own', () => {
    const other = new Listener();
    feed.add({
      onEvent: event => (event.payload as { list: number[] }).list.push(2),
      onPassed: () => {},
      onGap: () => {},
      onResumed: () => {},
    });
    feed.add(other);
    feed.take(events(1, [{ list: [1] }]));
    expect(listener.payloads).toEqual([{ list: [1] }]);
    expect(other.payloads).toEqual([{ list: [1] }]);
  });

  it('leaves out what its sender publishes for others only, but says so of what is kept', () => {
    const own = { from: { ...FROM, member: 'me' } };
    feed.take(events(1, [], { ...own, events: [{ payload: 'a', self: false }, { payload: 'b' }] }));
    expect(listener.payloads).toEqual(['b']);
    const event = { v: 1, ...own, topic: 'order.paid', payload: 'c', self: false };
    feed.take(JSON.stringify({ kept: '7-1', event }));
    expect(listener.payloads).toEqual(['b']);
    expect(listener.passed).toMatchObject([{ payload: 'c', offset: '7-1' }]);
  });

  it('tells of a gap at the end when a sender says how far it has got, once', () => {
    feed.opened(100);
    feed.take(events(1, ['a']));
    const head = { topic: 'order.paid', run: 1, last: 4, age: 500 };
    feed.compare(FROM, head, 300);
    feed.compare(FROM, head, 300);
    feed.take(events(4, ['d']));
    expect(listener.gaps).toEqual([{ topic: 'order.paid', missed: 3, reason: 'connection' }]);
    expect(listener.payloads).toEqual(['a']);
  });

  it('tells of what began since it was opened and was never heard of, and of nothing from before', () => {
    feed.opened(100);
    feed.compare(FROM, { topic: 'order.new', run: 2, last: 3, age: 50 }, 300);
    feed.compare(FROM, { topic: 'order.old', run: 3, last: 9, age: 250 }, 300);
    expect(listener.gaps).toEqual([{ topic: 'order.new', missed: 3, reason: 'connection' }]);
  });
});
