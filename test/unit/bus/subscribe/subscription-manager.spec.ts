import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { deferred } from '../../../../src/system/async/deferred.js';
import { FaultReport } from '../../../../src/bus/fault-report.js';
import { DurableTopics } from '../../../../src/bus/publish/durable-topics.js';
import { Membership } from '../../../../src/bus/membership/membership.js';
import { PatternRelays } from '../../../../src/bus/membership/pattern-relays.js';
import { ConsumerOffsets } from '../../../../src/bus/subscribe/durable/consumer-offsets.js';
import { SubscriptionManager } from '../../../../src/bus/subscribe/subscription-manager.js';
import { memoryExecutor } from '../../../support/memory-channel.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { AmbiguousResultError } from '../../../../src/model/errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../../../../src/model/errors/state-unavailable.error.js';
import { BusWarnings } from '../../../../src/bus/bus-warnings.js';
import { stateMessages } from '../../../../src/state/state.messages.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { FakeTransport } from '../../../support/fakes/fake-transport.js';

const SELF = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

/** A transport whose backend is away until it comes. */
class LateTransport extends FakeTransport {
  readonly #back: (() => void)[] = [];

  override subscribe(): Promise<void> {
    return new Promise(resolve => this.#back.push(resolve));
  }

  async come(): Promise<void> {
    this.#back.forEach(resolve => resolve());
    await new Promise(later => setImmediate(later));
  }
}

let state: StateClient;
let topics: DurableTopics;
let transport: LateTransport;
let membership: Membership;
let subscriptions: SubscriptionManager;
let warnings: string[];

beforeEach(() => {
  state = new StateClient(memoryExecutor(), 5_000, 0);
  warnings = [];
  const log = new BusWarnings(message => warnings.push(message));
  topics = new DurableTopics(state, 5_000, log);
  transport = new LateTransport();
  membership = new Membership(SELF, transport);
  subscriptions = new SubscriptionManager({
    self: SELF.member,
    transport,
    topics,
    membership,
    relays: new PatternRelays(() => []),
    offsets: new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
    report: new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
    publish: () => Promise.resolve(),
    maxQueueBytes: 1_000,
  });
});

afterEach(async () => {
  await subscriptions.quiesce(0);
  await state.close();
});

/** Returns a deadline that is too short for a backend that answers late. */
const soon = (): number => monotonicNow() + 10;

const handler = { name: 'a handler', handle: (): void => {} };

describe('a subscription that ends before it has begun', () => {
  it.each([{}, { durable: true }])('leaves no member of its group behind, with %j', async kind => {
    const terms = { ...kind, group: 'g', concurrency: 1 };
    const subscription = await subscriptions.add('t', handler, terms, soon());
    await subscription.unsubscribe();
    await transport.come();
    expect(membership.info).toMatchObject({ groups: [], consumers: [] });
  });

  it('does so also when the application closes', async () => {
    await subscriptions.add('t.*', handler, { group: 'g', concurrency: 1 }, soon());
    await subscriptions.quiesce(0);
    await transport.come();
    expect(membership.info).toMatchObject({ groups: [], patterns: [] });
  });

  it('has told the others of it when it is not ended', async () => {
    await subscriptions.add('t', handler, { group: 'g', concurrency: 1 }, soon());
    await transport.come();
    expect(membership.info.groups).toEqual([{ filter: 't', group: 'g' }]);
  });
});

it('announces a durable group when the group exists', async () => {
  const log: unknown[] = [];
  const join = topics.join.bind(topics);
  topics.join = async (...place) => {
    await join(...place);
    log.push('exists');
  };
  const announced = deferred();
  transport.announce = async () => {
    if (membership.info.groups.length > 0) {
      log.push(membership.info.groups);
      announced.resolve();
    }
  };
  await subscriptions.add('t', handler, { durable: true, group: 'g', concurrency: 1 }, soon());
  await transport.come();
  await announced.promise;
  expect(log).toEqual(['exists', [{ filter: 't', group: 'g', isDurable: true }]]);
});

describe('a subscription that the backend refuses', () => {
  const reply = Object.assign(new Error('NOPERM'), { name: 'ReplyError' });
  const refusal = new StateUnavailableError('newest', 't', 'Redis reported an error: NOPERM', {
    cause: reply,
  });

  it('is logged, once for each reason, until it begins', async () => {
    transport.subscribe = () => Promise.resolve();
    const newest = vi.spyOn(topics, 'newest').mockRejectedValue(refusal);
    await subscriptions.add('t', handler, { durable: true, concurrency: 1 }, soon());
    subscriptions.startAgain();
    await settle();
    const line =
      'The backend refuses a request of a subscription to "t", which is repeated until it succeeds: "newest" of "t" was not applied: Redis reported an error: NOPERM.';
    expect(warnings).toEqual([line]);
    newest.mockRestore();
    subscriptions.startAgain();
    await settle();
    expect(warnings).toEqual([line]);
  });

  it.each([
    new StateUnavailableError('newest', 't', stateMessages.unanswered()),
    new AmbiguousResultError('join', 't', 'id', 'no answer'),
    new Error('Connection is closed.'),
  ])('is not logged for want of an answer: %s', async failure => {
    transport.subscribe = () => Promise.resolve();
    vi.spyOn(topics, 'newest').mockRejectedValue(failure);
    await subscriptions.add('t', handler, { durable: true, concurrency: 1 }, soon());
    expect(warnings).toEqual([]);
  });
});
