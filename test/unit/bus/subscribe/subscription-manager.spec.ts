import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deferred } from '../../../../src/system/async/deferred.js';
import { FaultReport } from '../../../../src/bus/fault-report.js';
import { DurableTopics } from '../../../../src/bus/publish/durable-topics.js';
import { Membership } from '../../../../src/bus/membership/membership.js';
import { PatternRelays } from '../../../../src/bus/membership/pattern-relays.js';
import { ConsumerOffsets } from '../../../../src/bus/subscribe/durable/consumer-offsets.js';
import { SubscriptionManager } from '../../../../src/bus/subscribe/subscription-manager.js';
import { memoryExecutor } from '../../../support/memory-channel.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
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

beforeEach(() => {
  state = new StateClient(memoryExecutor(), 5_000, 0);
  topics = new DurableTopics(state, 5_000, { add: () => {} });
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
    timeout: 10,
    maxQueueBytes: 1_000,
  });
});

afterEach(async () => {
  await subscriptions.quiesce(0);
  await state.close();
});

const handler = { name: 'a handler', handle: (): void => {} };

describe('a subscription that ends before it has begun', () => {
  it.each([{}, { durable: true }])('leaves no member of its group behind, with %j', async kind => {
    const terms = { ...kind, group: 'g', concurrency: 1 };
    const subscription = await subscriptions.add('t', handler, terms);
    await subscription.unsubscribe();
    await transport.come();
    expect(membership.info).toMatchObject({ groups: [], consumers: [] });
  });

  it('does so also when the application closes', async () => {
    await subscriptions.add('t.*', handler, { group: 'g', concurrency: 1 });
    await subscriptions.quiesce(0);
    await transport.come();
    expect(membership.info).toMatchObject({ groups: [], patterns: [] });
  });

  it('has told the others of it when it is not ended', async () => {
    await subscriptions.add('t', handler, { group: 'g', concurrency: 1 });
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
  await subscriptions.add('t', handler, { durable: true, group: 'g', concurrency: 1 });
  await transport.come();
  await announced.promise;
  expect(log).toEqual(['exists', [{ filter: 't', group: 'g', isDurable: true }]]);
});
