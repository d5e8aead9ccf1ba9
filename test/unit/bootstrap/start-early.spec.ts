import { describe, expect, it } from '@jest/globals';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeferredModule } from '../../../src/bootstrap/deferred-module.js';
import { findAllDeferred } from '../../../src/bootstrap/start-early.js';

const nobody = () => Promise.reject(new Error('nobody should await this'));
const deferred = new DeferredModule(nobody, { options: {} });

@Module({ imports: [deferred] })
class Direct {}

@Module({ imports: [Direct] })
class Indirect {}

@Module({})
class Without {}

describe('findAllDeferred()', () => {
  it.each([
    ['among the imports', Direct, deferred],
    ['further down', Indirect, deferred],
    [
      'in a dynamic module',
      { module: Without, imports: [Direct] } satisfies DynamicModule,
      deferred,
    ],
    ['in the class of a dynamic module', { module: Indirect } satisfies DynamicModule, deferred],
    ['nowhere', Without, undefined],
    ['behind a promise', Promise.resolve({ module: Direct }), undefined],
    ['in nothing', undefined, undefined],
  ])('looks %s', (_, module, expected) => {
    expect(findAllDeferred(module)).toEqual(expected ? [expected] : []);
  });

  it('does not go round in circles', () => {
    @Module({})
    class Circular {}
    Reflect.defineMetadata('imports', [Circular, Direct], Circular);
    expect(findAllDeferred(Circular)).toEqual([deferred]);
  });
});
