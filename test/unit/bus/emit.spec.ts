import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Logger } from '@nestjs/common';
import { ClusterBus } from '../../../src/bus/cluster-bus.js';
import type { LazyBus } from '../../../src/bus/lazy-bus.js';
import { EmissionLog } from '../../../src/bus/publish/emission-log.js';
import type { ResolvedClusterOptions } from '../../../src/config/resolve-options.js';
import { BusUnavailableError } from '../../../src/model/errors/bus-unavailable.error.js';

const options = { bus: { maxPayloadBytes: 100, askTimeout: 1_000 } } as ResolvedClusterOptions;
const busThat = (publish: (topic: string, text: string) => Promise<void>): ClusterBus =>
  new ClusterBus({ use: () => Promise.resolve({ publish }) } as unknown as LazyBus, options);

const tick = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe('emit()', () => {
  let errors: string[];
  let unhandled: unknown[];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

  beforeEach(() => {
    errors = [];
    unhandled = [];
    process.on('unhandledRejection', onUnhandled);
    vi.spyOn(Logger.prototype, 'error').mockImplementation(
      (message: unknown) => void errors.push(String(message)),
    );
  });

  afterEach(() => {
    vi.restoreAllMocks();
    process.off('unhandledRejection', onUnhandled);
  });

  it('publishes the payload as it is at the time of the call, and returns nothing', async () => {
    const published: unknown[] = [];
    const bus = busThat(async (topic, text) => void published.push([topic, text]));
    const payload = { n: 1 };
    expect(bus.emit('t', payload)).toBeUndefined();
    payload.n = 2;
    await tick();
    expect(published).toEqual([['t', '{"n":1}']]);
    expect(errors).toEqual([]);
  });

  it('logs a failure, and rejects nothing', async () => {
    const bus = busThat(() => {
      throw new BusUnavailableError('t', 'the backend is unreachable', false);
    });
    bus.emit('t', 1);
    await tick();
    expect(errors).toEqual([expect.stringContaining('the backend is unreachable')]);
    expect(unhandled).toEqual([]);
  });

  it.each([
    ['a pattern', '*', 1],
    ['no topic', undefined, 1],
    ['a payload that is not JSON', 't', 1n],
    ['a payload that is too long', 't', 'x'.repeat(200)],
    [
      'a topic that throws',
      Object.defineProperty({}, 'name', {
        get: () => {
          throw new Error('no name');
        },
      }),
      1,
    ],
  ])('logs %s', async (_, topic, payload) => {
    busThat(() => Promise.resolve()).emit(topic as string, payload);
    await tick();
    expect(errors).toEqual([expect.stringContaining('emit() could not publish')]);
    expect(unhandled).toEqual([]);
  });
});

describe('the log of failed emissions', () => {
  it('has one line a minute for each topic, with the number of further failures', () => {
    const lines: string[] = [];
    let now = 0;
    const log = new EmissionLog(
      line => lines.push(line),
      () => now,
    );
    const error = new Error('away');
    ['a', 'a', 'b', 'a'].forEach(topic => log.failed(topic, error));
    expect(lines).toEqual([
      'emit() could not publish an event on "a": away',
      'emit() could not publish an event on "b": away',
    ]);
    now = 60_000;
    log.failed('a', error);
    expect(lines.at(-1)).toBe(
      'emit() could not publish an event on "a": away (2 others since the last such line)',
    );
  });
});
