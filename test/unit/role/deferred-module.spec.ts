import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { DeferredModule } from '../../../src/role/deferred-module.js';

@Module({})
class SomeModule {}

describe('DeferredModule', () => {
  it('does nothing until it is awaited, and then once', async () => {
    let calls = 0;
    const deferred = new DeferredModule(async () => {
      calls++;
      return { module: SomeModule };
    });
    await Promise.resolve();
    expect(calls).toBe(0);
    expect(deferred).toBeInstanceOf(Promise);
    expect(await deferred).toEqual({ module: SomeModule });
    expect(await deferred).toEqual({ module: SomeModule });
    expect(calls).toBe(1);
  });

  it('hands an error to whoever awaits it', async () => {
    const deferred = new DeferredModule(() => Promise.reject(new Error('no options')));
    await expect(deferred).rejects.toThrow('no options');
    await expect(deferred.finally(() => {})).rejects.toThrow('no options');
  });
});
