import { EventEmitter2 } from '@nestjs/event-emitter';
import { expect, it, vi } from 'vitest';
import type { ClusterBus } from '../../../src/bus/cluster-bus.js';
import { EventEmitterBridge } from '../../../src/event-emitter/event-emitter-bridge.js';

it.each([
  [{ wildcard: true }, 'order.*'],
  [{ wildcard: true, delimiter: ':' }, 'order:*'],
  [{ wildcard: true, delimiter: '::' }, 'order::*'],
  [{ delimiter: ':' }, 'order:created'],
])('forwards events that are lists, with the delimiter of %o', async (options, pattern) => {
  const publish = vi.fn<ClusterBus['publish']>(() => Promise.resolve());
  const bus = { publish, subscribe: () => Promise.resolve() } as unknown as ClusterBus;
  const emitter = new EventEmitter2(options);
  await new EventEmitterBridge(emitter, bus, [pattern]).onModuleInit();
  emitter.emit(['order', 'created'], 1);
  await emitter.emitAsync(['order', 'created'], 2);
  emitter.emit(['user', 'created'], 3);
  expect(publish.mock.calls.map(([, crossing]) => crossing)).toEqual(
    [1, 2].map(value => ({ event: ['order', 'created'], values: [[value]] })),
  );
});
