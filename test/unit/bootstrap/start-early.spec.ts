import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleLogger, type DynamicModule, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DeferredModule } from '../../../src/bootstrap/deferred-module.js';
import { findAllDeferred, startEarly } from '../../../src/bootstrap/start-early.js';
import { endFactoryCall } from '../../../src/nest/factory-call.js';
import { loggerInUse } from '../../../src/nest/logger-in-use.js';

const nobody = () => Promise.reject(new Error('nobody should await this'));
const deferred = new DeferredModule(nobody, { options: {} });

@Module({ imports: [deferred] })
class Direct {}

@Module({ imports: [Direct] })
class Indirect {}

@Module({})
class Without {}

describe('startEarly()', () => {
  beforeAll(startEarly);

  const inUse = loggerInUse();
  // The adapter of Fastify has a logger of its own.
  const adapter = { patch: () => {}, logger: new Logger('FastifyAdapter') };
  const custom = new ConsoleLogger('custom');

  afterEach(() => Logger.overrideLogger(inUse as ConsoleLogger));

  it.each([
    ['the options', [{ logger: custom }], custom],
    ['the options after an adapter', [adapter, { logger: custom }], custom],
    ['nothing if there is only an adapter', [adapter], inUse],
  ])('takes the logger from %s', async (_, rest, expected) => {
    const seen = new Promise(resolve => {
      const awaited = new DeferredModule(
        () => {
          resolve(loggerInUse());
          // As in the primary, the call never returns.
          endFactoryCall();
          return new Promise(() => {});
        },
        { options: {} },
      );
      const create = NestFactory.create.bind(NestFactory) as (...args: unknown[]) => unknown;
      create({ module: Without, imports: [awaited] }, ...rest);
    });
    expect(await seen).toBe(expected);
  });
});

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
