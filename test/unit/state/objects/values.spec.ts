import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StateInputError, StateTypeError } from '../../../../src/index.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { SingleFlight } from '../../../../src/state/objects/cache/single-flight.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { Values } from '../../../../src/state/objects/values.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

let executor: MemoryExecutor;
let values: Values;
const load = vi.fn<() => unknown>();

function valuesOn(client: StateClient): Values {
  const flights = new SingleFlight(client, new Locks(client, () => Promise.resolve()));
  return new Values(client, flights, 100);
}

beforeEach(() => {
  executor = new MemoryExecutor();
  values = valuesOn(new StateClient(executor, 1_000, 0));
  load.mockReset();
});

describe('getOrSet()', () => {
  it('loads a value once for all callers, and stores it for its time to live', async () => {
    load.mockImplementation(() => Promise.resolve('loaded'));
    const calls = [1, 2].map(() => values.getOrSet('k', load, { ttl: 50_000 }));
    expect(await Promise.all(calls)).toEqual(['loaded', 'loaded']);
    expect(load).toHaveBeenCalledTimes(1);
    expect(await values.get('k')).toBe('loaded');
    expect(await values.ttl('k')).toBeGreaterThan(40_000);
  });

  it('returns what is stored, also a false value', async () => {
    await values.set('k', false);
    expect(await values.getOrSet('k', load, {})).toBe(false);
    expect(load).not.toHaveBeenCalled();
  });

  it('loads nothing for invalid options, or a loader that is no function', async () => {
    await expect(values.getOrSet('k', load, { ttl: 0 })).rejects.toThrow(StateInputError);
    await expect(values.getOrSet('', load, {})).rejects.toThrow(StateInputError);
    await expect(values.getOrSet('k', 5 as never, {})).rejects.toThrow('The loader of "k"');
    expect(load).not.toHaveBeenCalled();
  });

  it('rejects with the error of the loader, and stores nothing', async () => {
    load.mockImplementation(() => Promise.reject(new Error('no source')));
    await expect(values.getOrSet('k', load, {})).rejects.toThrow('no source');
    expect(await values.has('k')).toBe(false);
  });

  it('loads without the backend if that is unavailable', async () => {
    const away = new FakeExecutor();
    away.unavailableSince = monotonicNow() - 60_000;
    load.mockReturnValue('loaded');
    expect(await valuesOn(new StateClient(away, 1_000, 0)).getOrSet('k', load, {})).toBe('loaded');
  });

  it('does not replace something of another type', async () => {
    const typed = new FakeExecutor();
    const call = valuesOn(new StateClient(typed, 1_000, 0)).getOrSet('k', load, {});
    const rejected = expect(call).rejects.toThrow(StateTypeError);
    await typed.answer({ type: 'applied', results: [{ failed: 'type', found: 'map' }] });
    await rejected;
    expect(load).not.toHaveBeenCalled();
  });
});
