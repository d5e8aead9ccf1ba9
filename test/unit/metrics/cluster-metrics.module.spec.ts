import { afterEach, describe, expect, it } from 'vitest';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
  Param,
  SetMetadata,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { Gauge, register, Registry } from 'prom-client';
import { map } from 'rxjs';
import { ClusterConfigError, ClusterModule, SharedState } from '../../../src/index.js';
import { ClusterMetricsModule } from '../../../src/metrics/cluster-metrics.module.js';
import type { ClusterMetricsModuleOptions } from '../../../src/metrics/metrics-module-options.interface.js';
import { type JobRunActivity, jobRuns } from '../../../src/model/events/activity-channels.js';
import { freePort } from '../../support/free-port.mjs';
import { samplesOf } from '../../support/metrics-samples.js';
import { compileModule, startModule } from '../../support/module-application.js';

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
  register.clear();
});

async function start(...args: Parameters<typeof startModule>): Promise<void> {
  app = await startModule(...args);
}

@Controller()
class CatsController {
  @Get('cats/:id')
  cat(@Param('id') id: string): string {
    return id;
  }
}

const withMetrics = (
  options?: ClusterMetricsModuleOptions,
  others: ModuleMetadata = {},
): ModuleMetadata => ({
  controllers: [CatsController],
  ...others,
  imports: [ClusterModule.forRoot(), ClusterMetricsModule.forRoot(options)],
});

async function get(path: string, init?: RequestInit): Promise<Response> {
  return fetch(new URL(path, await app!.getUrl()), init);
}

async function samples(path = '/metrics'): Promise<Map<string, number>> {
  const response = await get(path);
  expect(response.status).toBe(200);
  return samplesOf(await response.text());
}

describe.each([
  ['Express', false],
  ['Fastify', true],
])('the metrics on %s', (_, fastify) => {
  it('are answered in one process, for that', async () => {
    new Gauge({ name: 'cats', help: 'Cats.' }).set(3);
    await start(withMetrics(), { fastify });
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const shown = samplesOf(await response.text());
    expect(Object.fromEntries(shown)).toMatchObject({
      cats: 3,
      'nestjs_cluster_workers{state="ready"}': 1,
      nestjs_cluster_workers_wanted: 1,
      nestjs_cluster_generation: 0,
    });
  });

  it('have the patterns of routes, and no URLs', async () => {
    await start(withMetrics(), { fastify, before: created => created.setGlobalPrefix('api') });
    await Promise.all(['/api/cats/1', '/api/cats/2', '/api/dogs/1'].map(path => get(path)));
    await get('/api/cats/3', { method: 'PROPFIND' });
    const counts = [...(await samples('/api/metrics'))].filter(([name]) =>
      name.startsWith('http_server_request_duration_seconds_count'),
    );
    const shown = Object.fromEntries(
      counts.map(([name, value]) => [/\{(.*)\}/.exec(name)?.[1], value]),
    );
    expect(shown).toEqual({
      'http_request_method="GET",http_route="/api/cats/:id",http_response_status_code="200"': 2,
      'http_request_method="GET",http_response_status_code="404"': 1,
      'http_request_method="_OTHER",http_response_status_code="404"': 1,
    });
  });

  it('are in OpenMetrics for those who ask for it', async () => {
    await start(withMetrics(), { fastify });
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
    const response = await get('/metrics', { headers: { accept } });
    expect(response.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    const text = await response.text();
    expect(text).toContain('\n# TYPE nestjs_cluster_reloads counter\n');
    expect(text).toContain('\nnestjs_cluster_reloads_total{result="done"} 0\n');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
  });
});

const Public = (): ClassDecorator => SetMetadata('public', true);

describe('the endpoint', () => {
  @Injectable()
  class DenyAll implements CanActivate {
    constructor(private readonly reflector: Reflector) {}

    canActivate(context: ExecutionContext): boolean {
      return this.reflector.get<boolean>('public', context.getClass()) ?? false;
    }
  }

  const guarded = { providers: [{ provide: APP_GUARD, useClass: DenyAll }] };

  it('is guarded as every other one', async () => {
    await start(withMetrics({}, guarded));
    expect((await get('/metrics')).status).toBe(403);
  });

  it('passes a guard with a decorator', async () => {
    await start(withMetrics({ decorators: [Public()] }, guarded));
    expect((await get('/metrics')).status).toBe(200);
  });

  it('has its own path, under the prefix, in every version', async () => {
    await start(withMetrics({ path: 'internal/prometheus' }), {
      before: created =>
        created.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI }),
    });
    expect((await get('/api/internal/prometheus')).status).toBe(200);
    expect((await get('/metrics')).status).toBe(404);
  });

  it('is not changed by interceptors', async () => {
    class Wrap implements NestInterceptor {
      intercept(_: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(map((data: unknown) => ({ data })));
      }
    }
    await start(withMetrics({}, { providers: [{ provide: APP_INTERCEPTOR, useClass: Wrap }] }));
    expect((await samples()).get('nestjs_cluster_workers_wanted')).toBe(1);
  });

  it('can be on a port of its own only, which closes with the application', async () => {
    const port = await freePort();
    await start(withMetrics({ path: false, port, host: '127.0.0.1' }));
    expect((await get('/metrics')).status).toBe(404);
    const url = `http://127.0.0.1:${port}/metrics`;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    await app!.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});

it('measures no HTTP requests with http: false', async () => {
  await start(withMetrics({ http: false }));
  await get('/cats/1');
  const names = [...(await samples()).keys()];
  expect(names.filter(name => name.startsWith('http_'))).toEqual([]);
});

it('measures calls on the shared state, with their outcomes', async () => {
  await start(withMetrics());
  const state = app!.get(SharedState);
  await state.map('cats').set('tom', 1);
  await state.counter('sold', { max: 1 }).increment();
  await expect(state.counter('sold', { max: 1 }).increment()).rejects.toThrow();
  const shown = await samples();
  const count = (labels: string): number | undefined =>
    shown.get(`nestjs_cluster_state_call_duration_seconds_count{${labels}}`);
  expect(count('operation="mapSet",outcome="ok"')).toBe(1);
  expect(count('operation="increment",outcome="ok"')).toBe(1);
  expect(count('operation="increment",outcome="refused"')).toBe(1);
});

it('measures the runs of jobs', async () => {
  await start(withMetrics());
  jobRuns.publish({ job: 'Cats.feed', result: 'done' } satisfies JobRunActivity);
  expect(
    (await samples()).get('nestjs_cluster_job_runs_total{job="Cats.feed",result="done"}'),
  ).toBe(1);
});

it('costs nothing without the module, and ends with the application', async () => {
  await start(withMetrics());
  expect(jobRuns.hasSubscribers).toBe(true);
  await app!.close();
  app = undefined;
  expect(jobRuns.hasSubscribers).toBe(false);
});

it('does not begin in an application that is created and not started', async () => {
  const module = await compileModule(withMetrics());
  expect(jobRuns.hasSubscribers).toBe(false);
  await module.close();
});

it('includes other registries, with their default labels', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ team: 'cats' });
  new Gauge({ name: 'mice', help: 'Mice.', registers: [registry] }).set(2);
  await start(withMetrics({ registries: [registry] }));
  expect((await samples()).get('mice{team="cats"}')).toBe(2);
});

describe('a mistake', () => {
  const options = [
    [{ path: '' }, 'path'],
    [{ port: 70_000 }, 'port'],
    [{ http: 'yes' }, 'http'],
    [{ registries: [{}] }, 'registries'],
    [{ prefix: 'x' }, 'prefix'],
    [{ path: false }, 'path'],
  ] as const;

  it.each(options)('in the options %j is named', async (given, named) => {
    const metadata = withMetrics(given as ClusterMetricsModuleOptions);
    const error: unknown = await compileModule(metadata).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClusterConfigError);
    expect((error as ClusterConfigError).option).toBe(named);
  });

  it('is a port that is in use', async () => {
    await start(withMetrics());
    const port = Number(new URL(await app!.getUrl()).port);
    const other = (
      await compileModule(withMetrics({ port, host: '127.0.0.1' }))
    ).createNestApplication();
    await expect(other.init()).rejects.toThrow(
      `The port ${port} of ClusterMetricsModule cannot be opened`,
    );
    await other.close();
  });

  it('is a missing ClusterModule', async () => {
    @Module({ imports: [ClusterMetricsModule.forRoot()] })
    class Alone {}
    await expect(compileModule({ imports: [Alone] })).rejects.toThrow(
      'ClusterMetricsModule needs ClusterModule.forRoot()',
    );
  });
});
