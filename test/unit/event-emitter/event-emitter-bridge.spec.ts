import { Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { afterEach, expect, it, vi } from 'vitest';
import type { ClusterBus } from '../../../src/bus/cluster-bus.js';
import { EventEmitterBridge } from '../../../src/event-emitter/event-emitter-bridge.js';

afterEach(() => vi.restoreAllMocks());

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

it('logs one line a minute about each event that it cannot forward', async () => {
  const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const bus = {
    publish: () => Promise.reject(new Error('the backend is away')),
    subscribe: () => Promise.resolve(),
  } as unknown as ClusterBus;
  const emitter = new EventEmitter2();
  await new EventEmitterBridge(emitter, bus, ['order', 'user']).onModuleInit();
  ['order', 'order', 'user', 'order'].forEach(event => emitter.emit(event));
  await vi.waitFor(() => expect(error).toHaveBeenCalled());
  expect(error.mock.calls).toEqual(
    ['order', 'user'].map(event => [
      `The event "${event}" was not forwarded to the other workers: the backend is away`,
    ]),
  );
});
