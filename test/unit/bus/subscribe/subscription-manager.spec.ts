import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultReport } from '../../../../src/bus/fault-report.js';
import { KeptTopics } from '../../../../src/bus/publish/durable-topics.js';
import { Presence } from '../../../../src/bus/membership/membership.js';
import { ReadPositions } from '../../../../src/bus/subscribe/durable/consumer-offsets.js';
import { Subscriptions } from '../../../../src/bus/subscribe/subscription-manager.js';
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
let transport: LateTransport;
let presence: Presence;
let subscriptions: Subscriptions;

beforeEach(() => {
  state = new StateClient(memoryExecutor(), 5_000, 0);
  transport = new LateTransport();
  presence = new Presence(SELF, transport);
  subscriptions = new Subscriptions({
    self: SELF.member,
    transport,
    kept: new KeptTopics(state, 5_000, { add: () => {} }),
    presence,
    positions: new ReadPositions({ keep: () => Promise.resolve() }, {}),
    report: new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
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
  it.each([{}, { reliable: true }])('leaves no member of its group behind, with %p', async kind => {
    const terms = { ...kind, group: 'g', concurrency: 1 };
    const subscription = await subscriptions.add('t', handler, terms);
    await subscription.unsubscribe();
    await transport.come();
    expect(presence.card).toMatchObject({ groups: [], seats: [] });
  });

  it('does so also when the application closes', async () => {
    await subscriptions.add('t.*', handler, { group: 'g', concurrency: 1 });
    await subscriptions.quiesce(0);
    await transport.come();
    expect(presence.card).toMatchObject({ groups: [], patterns: [] });
  });

  it('has told the others of it when it is not ended', async () => {
    await subscriptions.add('t', handler, { group: 'g', concurrency: 1 });
    await transport.come();
    expect(presence.card.groups).toEqual([{ filter: 't', group: 'g' }]);
  });
});
