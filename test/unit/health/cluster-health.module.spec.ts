import { afterEach, describe, expect, it } from 'vitest';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  SetMetadata,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import {
  type HealthCheckResult,
  HealthCheckService,
  MemoryHealthIndicator,
  TerminusModule,
} from '@nestjs/terminus';
import { ClusterHealthIndicator } from '../../../src/health/cluster.health.js';
import { ClusterHealthModule } from '../../../src/health/cluster-health.module.js';
import type { ClusterHealthModuleOptions } from '../../../src/health/health-module-options.interface.js';
import { ClusterConfigError, ClusterModule } from '../../../src/index.js';
import { compileModule, startModule } from '../../support/module-application.js';

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(...args: Parameters<typeof startModule>): Promise<void> {
  app = await startModule(...args);
}

const withHealth = (options?: ClusterHealthModuleOptions): ModuleMetadata => ({
  imports: [ClusterModule.forRoot(), ClusterHealthModule.forRoot(options)],
});

/** The process of the test may be late itself. */
const HOWEVER_BUSY: ClusterHealthModuleOptions = {
  thresholds: { eventLoopDelay: {}, eventLoopUtilization: {}, stateRoundTrip: {} },
};

async function get(path: string): Promise<{ code: number; body: HealthCheckResult }> {
  const response = await fetch(`${await app!.getUrl()}${path}`);
  return { code: response.status, body: (await response.json()) as HealthCheckResult };
}

describe.each([
  ['Express', false],
  ['Fastify', true],
])('the endpoints on %s', (_, fastify) => {
  it('answer in one process, for that', async () => {
    await start(withHealth(HOWEVER_BUSY), { fastify });
    expect(await get('/health/live')).toMatchObject({
      code: 200,
      body: { status: 'ok', details: { worker: { status: 'up', pid: process.pid } } },
    });
    expect(await get('/health/ready')).toMatchObject({
      code: 200,
      body: {
        status: 'ok',
        info: {
          host: {
            ready: 1,
            wanted: 1,
            state: 'running',
            workers: [{ pid: process.pid, state: 'ready', memory: expect.any(Number) }],
          },
          state: {
            backend: 'memory',
            roundTrip: expect.any(Number),
            memory: { used: expect.any(Number), limit: expect.any(Number) },
          },
        },
      },
    });
    expect(await get('/health/startup')).toMatchObject({ code: 200, body: { status: 'ok' } });
  });

  it('are where they are asked to be, whatever version of the API they are asked for in', async () => {
    await start(withHealth({ path: 'internal/probes' }), {
      fastify,
      before: created => {
        created.setGlobalPrefix('api');
        created.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    expect(await get('/api/internal/probes/ready')).toMatchObject({ code: 200 });
    expect((await fetch(`${await app!.getUrl()}/health/ready`)).status).toBe(404);
  });

  it('are not to be cached', async () => {
    await start(withHealth(), { fastify });
    const { headers } = await fetch(`${await app!.getUrl()}/health/ready`);
    expect(headers.get('cache-control')).toMatch(/no-store/);
  });
});

describe('readiness', () => {
  it('asks indicators of the application, made of what it has and what Terminus has', async () => {
    @Injectable()
    class Warehouse {
      readonly isOpen = true;
    }
    @Module({ providers: [Warehouse], exports: [Warehouse] })
    class WarehouseModule {}

    await start(
      withHealth({
        indicators: {
          imports: [WarehouseModule],
          inject: [Warehouse, MemoryHealthIndicator],
          useFactory: (warehouse: Warehouse, memory: MemoryHealthIndicator) => [
            () => ({ warehouse: { status: warehouse.isOpen ? 'up' : 'down' } }),
            () => memory.checkHeap('heap', 1),
          ],
        },
      }),
    );
    expect(await get('/health/ready')).toMatchObject({
      code: 503,
      body: {
        status: 'error',
        info: { host: { status: 'up' }, warehouse: { status: 'up' } },
        error: { heap: { status: 'down' } },
      },
    });
  });

  it('takes one that rejects, throws or does not answer for down', async () => {
    await start(
      withHealth({
        indicators: {
          useFactory: () => [
            () => Promise.reject(new Error('no route to postgres://app:secret@db')),
            () => {
              throw new Error('not configured');
            },
            () => new Promise<never>(() => {}),
            () => undefined as never,
            () => ({ host: { status: 'up' } }),
          ],
          timeout: 20,
        },
      }),
    );
    const { code, body } = await get('/health/ready');
    expect(code).toBe(503);
    const failed = { status: 'down', message: 'The indicator failed; the log has the error.' };
    const malformed = expect.stringMatching(/did not return a health indicator result/);
    expect(body.error).toEqual({
      'indicator 1': failed,
      'indicator 2': failed,
      'indicator 3': { status: 'down', message: 'The indicator has not answered within 20 ms.' },
      'indicator 4': { status: 'down', message: malformed },
      'indicator 5': { status: 'down', message: malformed },
    });
  });

  it('tells of one that fails under the name that it had when it answered', async () => {
    let isUp = true;
    await start(
      withHealth({
        indicators: {
          useFactory: () => [
            async () =>
              isUp ? { database: { status: 'up' as const } } : Promise.reject(new Error()),
          ],
        },
      }),
    );
    await get('/health/ready');
    isUp = false;
    expect((await get('/health/ready')).body.error).toMatchObject({ database: { status: 'down' } });
  });

  it('says no more than its status where details are not wanted', async () => {
    let status: 'up' | 'down' = 'up';
    await start(
      withHealth({
        ...HOWEVER_BUSY,
        details: false,
        indicators: { useFactory: () => [() => ({ database: { status } })] },
      }),
    );
    for (const endpoint of ['live', 'ready', 'startup']) {
      expect(await get(`/health/${endpoint}`)).toEqual({ code: 200, body: { status: 'ok' } });
    }
    status = 'down';
    expect(await get('/health/ready')).toEqual({ code: 503, body: { status: 'error' } });
  });
});

describe('the health module', () => {
  it('says what decorators the guards of an application look for', async () => {
    @Injectable()
    class Guard implements CanActivate {
      constructor(private readonly reflector: Reflector) {}

      canActivate(context: ExecutionContext): boolean {
        return this.reflector.get('public', context.getClass()) === true;
      }
    }
    const guarded = (options?: ClusterHealthModuleOptions): ModuleMetadata => ({
      ...withHealth(options),
      providers: [{ provide: APP_GUARD, useClass: Guard }],
    });
    await start(guarded());
    expect(await get('/health/live')).toMatchObject({ code: 403 });
    await app!.close();
    await start(guarded({ decorators: [SetMetadata('public', true)] }));
    expect(await get('/health/live')).toMatchObject({ code: 200 });
  });

  it('gives the thresholds to whoever injects the indicator', async () => {
    await start(withHealth({ thresholds: { memory: 1 } }));
    const indicator = app!.get(ClusterHealthIndicator, { strict: false });
    expect(indicator.checkWorker('me').me.status).toBe('degraded');
    expect(indicator.checkWorker('me', { memory: '1gb' }).me.status).toBe('up');
  });

  it('gives them also to a module that imports the one without endpoints', async () => {
    @Controller('feature')
    class FeatureController {
      constructor(private readonly cluster: ClusterHealthIndicator) {}

      @Get()
      check() {
        return this.cluster.checkWorker('me');
      }
    }
    @Module({ imports: [ClusterHealthModule], controllers: [FeatureController] })
    class FeatureModule {}

    const { imports = [] } = withHealth({ thresholds: { memory: 1 } });
    await start({ imports: [...imports, FeatureModule] });
    expect((await get('/feature')).body).toMatchObject({ me: { status: 'degraded' } });
  });

  it('has nothing to do with an application that was closed before', async () => {
    for (let times = 0; times < 2; times++) {
      await start(withHealth());
      expect(await get('/health/ready')).toMatchObject({ code: 200 });
      await app!.close();
    }
    app = undefined;
  });

  it.each<[unknown, string]>([
    [{ paht: 'x' }, 'Unknown option `paht` of ClusterHealthModule. Did you mean `path`?'],
    [{ paht: 'x', details: 'no' }, 'The configuration has 2 errors'],
    [null, "ClusterHealthModule's options must be an object"],
    [{ decorators: null }, 'decorators of ClusterHealthModule must be a list of class decorators'],
    [{ path: 5 }, "path of ClusterHealthModule must be a path such as 'health'"],
    [{ thresholds: { memory: 'much' } }, 'thresholds.memory must be a number of bytes'],
    [
      { indicators: [] },
      'indicators of ClusterHealthModule must be an object with any of imports, inject, useFactory',
    ],
    [
      { indicators: { useFactory: () => [], timeout: 0 } },
      'indicators.timeout of ClusterHealthModule must be milliseconds, more than 0',
    ],
    [{ details: 'no' }, 'details of ClusterHealthModule must be true or false'],
    [
      { decorators: ['Public'] },
      'decorators of ClusterHealthModule must be a list of class decorators',
    ],
  ])('rejects %j when the application is created', async (options, message) => {
    const created = compileModule(withHealth(options as ClusterHealthModuleOptions));
    await expect(created).rejects.toThrow(ClusterConfigError);
    await expect(created).rejects.toThrow(message);
  });

  it('says what is missing where ClusterModule is', async () => {
    await expect(compileModule({ imports: [ClusterHealthModule.forRoot()] })).rejects.toThrow(
      'ClusterHealthIndicator needs ClusterModule.forRoot() among the imports of the application.',
    );
  });
});

describe('the indicator in a controller of one’s own', () => {
  @Controller('mine')
  class MyController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly cluster: ClusterHealthIndicator,
    ) {}

    @Get()
    check() {
      return this.health.check([
        () => this.cluster.checkHost('host'),
        () => this.cluster.checkState('state'),
        () => this.cluster.checkWorker('me', { memory: { down: 1 } }),
      ]);
    }
  }

  it('needs no endpoints of ours', async () => {
    await start({
      imports: [
        ClusterModule.forRoot(),
        TerminusModule.forRoot({ logger: false }),
        ClusterHealthModule,
      ],
      controllers: [MyController],
    });
    expect(await get('/mine')).toMatchObject({
      code: 503,
      body: {
        status: 'error',
        info: { host: { status: 'up' }, state: { status: 'up' } },
        error: { me: { status: 'down', slot: 0 } },
      },
    });
    expect(await get('/health/ready')).toMatchObject({ code: 404 });
  });
});
