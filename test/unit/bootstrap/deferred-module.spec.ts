import { describe, expect, it } from 'vitest';
import { Module } from '@nestjs/common';
import { type Creator, DeferredModule } from '../../../src/bootstrap/deferred-module.js';
import { deferred as deferredPromise } from '../../../src/system/async/deferred.js';
import {
  currentFactoryCall,
  type FactoryMethod,
  runFactoryCall,
} from '../../../src/nest/factory-call.js';

@Module({})
class SomeModule {}

/** As a container of Nest's does: it tells, and then awaits. */
function scan(deferred: DeferredModule): Promise<unknown> {
  deferred.expect(currentFactoryCall() ?? 'no-factory');
  return Promise.resolve(deferred);
}

function call<T>(method: FactoryMethod, create: () => Promise<T>): Promise<T> {
  return runFactoryCall({ method, root: SomeModule }, create);
}

describe('DeferredModule', () => {
  const creators: Creator[] = [];
  const make = async (creator: Creator) => {
    creators.push(creator);
    return { module: SomeModule };
  };
  const methods = () => creators.map(one => (typeof one === 'string' ? one : one.method));

  it('does nothing until it is awaited, and then once', async () => {
    creators.length = 0;
    const deferred = new DeferredModule(make, { options: {} });
    await Promise.resolve();
    expect(creators).toEqual([]);
    expect(deferred).toBeInstanceOf(Promise);
    const first = await scan(deferred);
    expect(first).toEqual({ module: SomeModule });
    expect(await scan(deferred)).toBe(first);
    expect(creators).toEqual(['no-factory']);
  });

  it('is made for each kind of factory call, also of calls at the same time', async () => {
    creators.length = 0;
    const deferred = new DeferredModule(make, { options: {} });
    const [context, app, again] = await Promise.all([
      call('createApplicationContext', () => scan(deferred)),
      call('create', () => scan(deferred)),
      call('createApplicationContext', () => scan(deferred)),
    ]);
    expect(context).toBe(again);
    expect(context).not.toBe(app);
    expect(methods()).toEqual(['createApplicationContext', 'create']);
    expect(creators[0]).toMatchObject({ root: SomeModule });
  });

  it('is made for the application that gets it, if the user has awaited it', async () => {
    creators.length = 0;
    const deferred = new DeferredModule(make, { options: {} });
    const awaited = await deferred;
    expect(creators).toEqual([]);
    await call('create', () => scan(awaited.imports![0] as DeferredModule));
    expect(methods()).toEqual(['create']);
  });

  it('is not made for a call that runs meanwhile, and does not await it', async () => {
    creators.length = 0;
    const gate = deferredPromise();
    const other = call('createApplicationContext', () => gate.promise);
    const byUser = new DeferredModule(make, { options: {} });
    const byTest = new DeferredModule(make, { options: {} });
    const awaited = await byUser;
    expect(creators).toEqual([]);
    byTest.expect('no-factory');
    await byTest;
    expect(creators).toEqual(['no-factory']);
    await call('create', () => scan(awaited.imports![0] as DeferredModule));
    expect(methods()).toEqual(['no-factory', 'create']);
    gate.resolve();
    await other;
  });

  it('hands an error to whoever awaits it', async () => {
    const deferred = new DeferredModule(() => Promise.reject(new Error('no options')), {
      options: {},
    });
    deferred.expect('no-factory');
    await expect(deferred).rejects.toThrow('no options');
    await expect(deferred.finally(() => {})).rejects.toThrow('no options');
    deferred.refuse(new Error('two of them'));
    await expect(deferred).rejects.toThrow('two of them');
  });
});
