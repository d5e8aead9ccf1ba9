import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, expect, it, vi } from 'vitest';
import { deferred } from '../../../src/system/async/deferred.js';
import {
  currentFactoryCall,
  endFactoryCall,
  type FactoryCall,
  factoryFor,
  makerOf,
  runFactoryCall,
} from '../../../src/nest/factory-call.js';

const application: FactoryCall = { method: 'create', root: 'application' };
const script: FactoryCall = { method: 'createApplicationContext', root: 'script' };
const service: FactoryCall = { method: 'createMicroservice', root: 'service' };

/** Returns the call that code sees after it has awaited something. */
async function seen(): Promise<FactoryCall | undefined> {
  await new Promise(setImmediate);
  return currentFactoryCall();
}

afterEach(async () => {
  expect(await seen()).toBeUndefined();
});

it('knows a single call without a context, which would slow promises down', async () => {
  const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
  expect(await runFactoryCall(application, seen)).toBe(application);
  expect(run).not.toHaveBeenCalled();
  run.mockRestore();
});

it('tells calls apart that run at the same time', async () => {
  const calls = [application, script, service];
  expect(await Promise.all(calls.map(call => runFactoryCall(call, seen)))).toEqual(calls);
});

it('tells a call apart that another one makes', async () => {
  const inner = runFactoryCall(application, async () => [
    await runFactoryCall(script, seen),
    await seen(),
  ]);
  expect(await inner).toEqual([script, application]);
});

it('goes on with a call that began while another one was running, and ended later', async () => {
  const gate = deferred();
  const first = runFactoryCall(application, seen);
  const second = runFactoryCall(script, async () => {
    await gate.promise;
    return [await seen(), await runFactoryCall(service, seen), await seen()];
  });
  expect(await first).toBe(application);
  const third = runFactoryCall(application, async () => {
    gate.resolve();
    await second;
    return seen();
  });
  expect(await second).toEqual([script, service, script]);
  expect(await third).toBe(application);
});

it('knows which call has made a container', async () => {
  const container = {};
  const factory = {
    name: 'factory',
    initialize(module: string, made: object): Promise<unknown> {
      return Promise.resolve([this.name, module, made]);
    },
    create(module: string): Promise<unknown> {
      return this.initialize(module, container);
    },
  };
  const create = factoryFor(factory, application).create('application');
  expect(await create).toEqual(['factory', 'application', container]);
  expect(makerOf(container)).toBe(application);
  expect(makerOf({})).toBeUndefined();
});

it('ends a call that fails, and one that never returns', async () => {
  await expect(runFactoryCall(application, () => Promise.reject(new Error('no')))).rejects.toThrow(
    'no',
  );
  expect(currentFactoryCall()).toBeUndefined();
  const ended = deferred();
  void runFactoryCall(application, async () => {
    await Promise.resolve();
    endFactoryCall();
    ended.resolve();
    return new Promise(() => {});
  });
  await ended.promise;
});
