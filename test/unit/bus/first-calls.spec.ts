import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BusClient } from '../../../src/bus/bus-client.js';
import { ClusterBus } from '../../../src/bus/cluster-bus.js';
import type { BusExplorer, FoundMethod } from '../../../src/bus/decorators/bus.explorer.js';
import { BusOrchestrator } from '../../../src/bus/decorators/bus.orchestrator.js';
import { LazyBus } from '../../../src/bus/lazy-bus.js';
import { defineTopic } from '../../../src/bus/publish/topic.js';
import { ConsumerOffsets } from '../../../src/bus/subscribe/durable/consumer-offsets.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { monotonicNow } from '../../../src/system/time/monotonic-now.js';
import { FakeTransport } from '../../support/fakes/fake-transport.js';
import { OutageExecutor } from '../../support/fakes/outage-executor.js';

const SELF = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };
const TIMEOUT = 3_000;

/** Less than the time of two deadlines, for a process whose event loop is slow. */
const IN_TIME = 1.8 * TIMEOUT;

/** A backend that accepts everything and answers nothing. */
class SilentTransport extends FakeTransport {
  override members = never;
  override subscribe = never;
  override announce = never;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function silentBus(isUnavailable: boolean): { lazy: LazyBus; bus: ClusterBus } {
  const options = resolveOptions({ bus: { timeout: TIMEOUT } }, {});
  const transport = new SilentTransport();
  const executor = new OutageExecutor();
  executor.mute();
  if (isUnavailable) {
    transport.unavailableSince = monotonicNow();
    executor.disconnect();
  }
  const lazy = new LazyBus(SELF, new AbortController().signal, TIMEOUT, new Subject(), () =>
    Promise.resolve(
      new BusClient({
        self: SELF,
        transport,
        state: new StateClient(executor, TIMEOUT, 0),
        offsets: new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
        options: options.bus,
        logger: { warn: () => {}, error: () => {} },
        onFault: () => {},
        onClosed: () => {},
      }),
    ),
  );
  return { lazy, bus: new ClusterBus(lazy, options) };
}

/** A method with the decorators for an event and for a request. */
const HANDLER: FoundMethod = {
  name: 'Handler.handle()',
  events: [{ topic: defineTopic('e'), options: {} }],
  requests: [{ topic: defineTopic('r') }],
  call: () => {},
  callOther: () => {},
};

/** The first calls of an application, and their outcomes. */
const CALLS: Readonly<
  Record<string, [call: (bus: ClusterBus, lazy: LazyBus) => Promise<unknown>, error?: string]>
> = {
  'publish()': [bus => bus.publish('t', 1), 'The event on "t" '],
  'publish() of a durable event': [
    bus => bus.publish('t', 1, { durable: true }),
    'The event on "t" was not published',
  ],
  'ask()': [bus => bus.ask('t'), 'The request on "t" '],
  'subscribe()': [bus => bus.subscribe('t', () => {})],
  'answer()': [bus => bus.answer('t', () => 1)],
  'boot with decorated handlers': [
    (_, lazy) =>
      new BusOrchestrator(
        { explore: () => [HANDLER] } as unknown as BusExplorer,
        lazy,
      ).onApplicationBootstrap(),
  ],
  'deleteGroup()': [bus => bus.deleteGroup('t', 'g'), '"deleteGroup" of "t" was not applied'],
};

describe.concurrent.each([
  { backend: 'is unavailable', isUnavailable: true },
  { backend: 'does not answer', isUnavailable: false },
])('while the backend $backend', ({ isUnavailable }) => {
  it.each(Object.keys(CALLS))('a first %s settles within one deadline', async name => {
    const [call, error] = CALLS[name]!;
    const start = monotonicNow();
    const { bus, lazy } = silentBus(isUnavailable);
    const outcome = await call(bus, lazy).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    expect(monotonicNow() - start).toBeLessThan(IN_TIME);
    if (error === undefined) {
      expect(outcome).toBeUndefined();
    } else {
      expect(outcome).toContain(error);
    }
  });
});
