import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  RequestTimeoutException,
  Scope,
  SetMetadata,
  UnauthorizedException,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector, REQUEST } from '@nestjs/core';
import { map, of, race, throwError } from 'rxjs';
import { ClusterConfigError, ClusterModule } from '../../../src/index.js';
import { ClusterDashboardModule } from '../../../src/dashboard/cluster-dashboard.module.js';
import type { ClusterDashboardModuleOptions } from '../../../src/dashboard/dashboard-module-options.interface.js';
import { Dashboard } from '../../../src/dashboard/dashboard.js';
import { type AnyResponse, nodeResponse } from '../../../src/dashboard/responses.js';
import { deferred } from '../../../src/system/async/deferred.js';
import { EventStream } from '../../support/event-stream.js';
import { eventually } from '../../support/eventually.js';
import { compileModule, startModule } from '../../support/module-application.js';

let app: INestApplication | undefined;
let environment: string | undefined;

beforeEach(() => {
  environment = process.env['NODE_ENV'];
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  process.env['NODE_ENV'] = environment;
});

const withDashboard = (
  options?: ClusterDashboardModuleOptions,
  others: ModuleMetadata = {},
): ModuleMetadata => ({
  ...others,
  imports: [
    ClusterModule.forRoot(),
    ClusterDashboardModule.forRoot(options),
    ...(others.imports ?? []),
  ],
});

async function start(...args: Parameters<typeof startModule>): Promise<void> {
  app = await startModule(...args);
}

async function address(path: string): Promise<URL> {
  return new URL(path, (await app!.getUrl()).replace('[::1]', '127.0.0.1'));
}

type Headers = Readonly<Record<string, string>>;

async function get(path: string, headers: Headers = {}): Promise<Response> {
  return fetch(await address(path), { headers });
}

const FROM_PAGE = { 'content-type': 'application/json', 'x-cluster-dashboard': '1' };

async function post(path: string, body: object, headers: Headers = {}): Promise<Response> {
  return fetch(await address(path), {
    method: 'POST',
    headers: { ...FROM_PAGE, ...headers },
    body: JSON.stringify(body),
  });
}

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

/** Everything that the dashboard answers, with the status of each answer. */
async function statuses(prefix = '/cluster', headers: Headers = {}): Promise<object> {
  return {
    page: await statusOf(get(prefix, headers)),
    asset: await statusOf(get(`${prefix}/assets/app.js`, headers)),
    stream: await statusOf(get(`${prefix}/stream?view=workers`, headers)),
    value: await statusOf(post(`${prefix}/state/value`, { kind: 'counter', key: 'a' }, headers)),
    reload: await statusOf(post(`${prefix}/actions/reload`, {}, headers)),
  };
}

const all = (status: number, reload = status): object => ({
  page: status,
  asset: status,
  stream: status,
  value: status,
  reload,
});

/** In single mode there are no actions. */
const OPEN = all(200, 404);
const HIDDEN = all(404);

const PASSWORD = Symbol('PASSWORD');

@Module({ providers: [{ provide: PASSWORD, useValue: 'secret' }], exports: [PASSWORD] })
class PasswordModule {}

const passwordOf = (context: ExecutionContext): unknown =>
  context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['x-password'];

@Injectable()
class PasswordGuard implements CanActivate {
  constructor(@Inject(PASSWORD) private readonly password: string) {}

  canActivate(context: ExecutionContext): boolean {
    if (passwordOf(context) === undefined) {
      throw new UnauthorizedException();
    }
    return passwordOf(context) === this.password;
  }
}

@Injectable({ scope: Scope.REQUEST })
class GuardOfEachRequest implements CanActivate {
  static created = 0;

  constructor(
    @Inject(REQUEST) private readonly request: { readonly headers: Record<string, unknown> },
    @Inject(PASSWORD) private readonly password: string,
  ) {
    GuardOfEachRequest.created++;
  }

  canActivate(context: ExecutionContext): boolean {
    return passwordOf(context) === this.password && this.request.headers['x-password'] !== '';
  }
}

function configure(created: INestApplication): void {
  created.setGlobalPrefix('api');
  created.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  created.useGlobalPipes({ transform: () => ({ changed: true }) });
}

const guard = (canActivate: CanActivate['canActivate']): CanActivate => ({ canActivate });

const GLOBAL = { provide: APP_GUARD, useValue: guard(() => true) };

describe.each([
  ['Express', false],
  ['Fastify', true],
])('the dashboard on %s', (_, fastify) => {
  it('is open to clients on the same machine', async () => {
    await start(withDashboard(), { fastify });
    expect(await statuses()).toEqual(OPEN);
    expect(await statuses('/cluster', { 'x-forwarded-for': '192.0.2.1' })).toEqual(HIDDEN);
    const page = await get('/cluster');
    expect(await page.text()).toContain('<base href="./cluster/"');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self';/),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    });
  });

  it.each([
    ['development', 'log', 'It answers browsers on this machine'],
    ['production', 'warn', 'so it does not exist in production'],
  ])('names the page with the global prefix in %s', async (mode, level, text) => {
    process.env['NODE_ENV'] = mode;
    const lines: string[] = [];
    const logger = { log() {}, warn() {}, error() {}, [level]: (line: string) => lines.push(line) };
    await start(withDashboard(), {
      fastify,
      before: created => created.setGlobalPrefix('api').useLogger(logger),
    });
    const about = (): string[] => lines.filter(line => line.startsWith('The dashboard at '));
    await eventually(
      () => about().length > 0,
      5_000,
      () => lines.join('\n'),
    );
    expect(about()).toEqual([expect.stringContaining(text)]);
    expect(about()[0]).toMatch(/^The dashboard at \/api\/cluster has no guard/);
  });

  it('tells nothing about itself where it does not exist', async () => {
    process.env['NODE_ENV'] = 'production';
    await start(withDashboard({}, { providers: [GLOBAL] }), { fastify });
    expect(await statuses()).toEqual(HIDDEN);
    const [unknown, hidden] = await Promise.all([get('/unknown'), get('/cluster')]);
    const text = await unknown.text();
    expect(await hidden.text()).toBe(text.replace('/unknown', '/cluster'));
    expect([...hidden.headers.keys()]).toEqual([...unknown.headers.keys()]);
  });

  it('asks its guards, which get what the imports export', async () => {
    process.env['NODE_ENV'] = 'production';
    const options = { imports: [PasswordModule], guards: [PasswordGuard] };
    await start(withDashboard(options), { fastify });
    expect(await statuses()).toEqual(all(401));
    expect(await statuses('/cluster', { 'x-password': 'guess' })).toEqual(all(403));
    expect(await statuses('/cluster', { 'x-password': 'secret' })).toEqual(OPEN);
  });

  it('asks guards that are created for each request', async () => {
    const options = { imports: [PasswordModule], guards: [GuardOfEachRequest] };
    await start(withDashboard(options), { fastify });
    expect(await statuses()).toEqual(all(403));
    GuardOfEachRequest.created = 0;
    expect(await statuses('/cluster', { 'x-password': 'secret' })).toEqual(OPEN);
    expect(GuardOfEachRequest.created).toBe(5);
  });

  it('asks instances of guards from a factory, and classes', async () => {
    const options = {
      imports: [PasswordModule],
      inject: [PASSWORD],
      path: '/admin/host',
      useFactory: async (password: string) => ({
        guards: [guard(context => of(passwordOf(context) === password)), PasswordGuard],
      }),
    };
    const imports = [ClusterModule.forRoot(), ClusterDashboardModule.forRootAsync(options)];
    await start({ imports }, { fastify });
    expect(await statuses('/admin/host')).toEqual(all(403));
    expect(await statuses('/admin/host', { 'x-password': 'secret' })).toEqual(OPEN);
    expect(await (await get('/admin/host', { 'x-password': 'secret' })).text()).toContain(
      '<base href="./host/"',
    );
  });

  it('is below the global prefix, without a version, and asks global guards first', async () => {
    const Public = SetMetadata('public', true);
    let asked = 0;
    const onlyPublic = {
      provide: APP_GUARD,
      inject: [Reflector],
      useFactory: (reflector: Reflector) =>
        guard(context => {
          asked++;
          return reflector.get<boolean>('public', context.getClass()) ?? false;
        }),
    };
    const wrapped = {
      provide: APP_INTERCEPTOR,
      useValue: {
        intercept: (_context: unknown, next: { handle: () => ReturnType<typeof of> }) =>
          next.handle().pipe(map(data => ({ data }))),
      },
    };
    await start(withDashboard({}, { providers: [onlyPublic] }), { fastify, before: configure });
    expect(await statuses('/api/cluster')).toEqual(all(403));
    await app!.close();
    await start(withDashboard({ decorators: [Public] }, { providers: [onlyPublic, wrapped] }), {
      fastify,
      before: configure,
    });
    asked = 0;
    expect(await statuses('/api/cluster')).toEqual(OPEN);
    expect(asked).toBe(5);
    expect((await get('/cluster')).status).toBe(404);
    expect(await (await get('/api/cluster')).text()).toContain('<base href="./cluster/"');
  });

  it('refuses requests of other sites, with guards, too', async () => {
    await start(withDashboard({ guards: [guard(() => true)] }), {
      fastify,
      before: created => created.enableCors(),
    });
    const crossSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    expect(await statuses('/cluster', crossSite)).toEqual(all(403));
    const { status } = await post('/cluster/state/value', {}, { 'content-type': 'text/plain' });
    expect(status).toBe(403);
  });

  it('forgets a page whose browser leaves while the guards decide', async () => {
    const [asked, left, allowed] = [deferred(), deferred(), deferred<boolean>()];
    const slow = guard(context => {
      const response = context.switchToHttp().getResponse<AnyResponse>();
      nodeResponse(response).once('close', () => left.resolve());
      asked.resolve();
      return allowed.promise;
    });
    await start(withDashboard({ guards: [slow] }), { fastify });
    const { href } = await address('/cluster/stream?view=workers');
    const leaving = new AbortController();
    const request = fetch(href, { signal: leaving.signal });
    await asked.promise;
    leaving.abort();
    await expect(request).rejects.toThrow();
    await left.promise;
    allowed.resolve(true);
    const other = await EventStream.open<Record<string, unknown>>(href);
    expect(await other.next()).toBeDefined();
    expect(app!.get(Dashboard, { strict: false }).streams.size).toBe(1);
  });

  it('leaves the answer to an interceptor that has given up', async () => {
    const impatient = {
      provide: APP_INTERCEPTOR,
      useValue: {
        intercept: (_context: unknown, next: { handle: () => ReturnType<typeof of> }) =>
          race(
            next.handle(),
            throwError(() => new RequestTimeoutException()),
          ),
      },
    };
    await start(withDashboard({}, { providers: [impatient] }), { fastify });
    // Any rejection that nobody handles fails this test.
    expect(await statuses()).toMatchObject({ page: 408, asset: 408, value: 408 });
  });

  it('answers with its files, and with nothing else', async () => {
    await start(withDashboard(), { fastify });
    const response = await get('/cluster/assets/app.js');
    const etag = response.headers.get('etag')!;
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect((await get('/cluster/assets/app.js', { 'if-none-match': etag })).status).toBe(304);
    for (const name of ['index.html', 'missing.js', '..%2f..%2findex.ts', 'constructor']) {
      expect([name, (await get(`/cluster/assets/${name}`)).status]).toEqual([name, 404]);
    }
  });

  it('streams the overview of the only process, and ends when it closes', async () => {
    await start(withDashboard(), { fastify });
    const stream = await EventStream.open<Record<string, unknown>>(
      (await address('/cluster/stream?view=jobs')).href,
    );
    expect(await stream.next()).toMatchObject({
      self: { slot: 0, pid: process.pid, mode: 'single' },
      actions: [],
      workers: [{ slot: 0, pid: process.pid, state: 'ready' }],
    });
    const jobs = await stream.until(({ view }) => view === 'jobs');
    expect(jobs).toEqual({ view: 'jobs', section: { used: false, jobs: [] } });
    await app!.close();
    await stream.ended();
  });

  it('says what is wrong with a request', async () => {
    await start(withDashboard(), { fastify });
    const unknown = await get('/cluster/stream?view=secrets');
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      { message: expect.stringMatching(/^view must be one of workers, timeline/) },
    ]);
    const value = await post('/cluster/state/value', { kind: 'counter' });
    expect([value.status, await value.json()]).toEqual([
      400,
      { message: 'key must be a text of 1 to 8192 characters' },
    ]);
    const head = await fetch(await address('/cluster/stream?view=workers'), { method: 'HEAD' });
    expect(head.status).toBe(200);
  });
});

it('reads a body that the application does not parse', async () => {
  const module = await compileModule(withDashboard());
  app = module.createNestApplication({ bodyParser: false });
  await app.listen(0, '127.0.0.1');
  const value = await post('/cluster/state/value', { kind: 'counter', key: 'none' });
  expect([value.status, await value.json()]).toEqual([
    200,
    expect.objectContaining({ kind: 'counter', key: 'none', text: null }),
  ]);
});

it('needs ClusterModule', async () => {
  const created = compileModule({ imports: [ClusterDashboardModule.forRoot()] });
  await expect(created).rejects.toThrow(ClusterConfigError);
  await expect(created).rejects.toThrow('ClusterDashboardModule needs ClusterModule.forRoot()');
});

it('rejects classes that are no guards, from a factory, too', async () => {
  class NoGuard {
    allows(): boolean {
      return true;
    }
  }
  const message = 'guards of ClusterDashboardModule must be a list of guards: classes or';
  const guards = [NoGuard] as never;
  await expect(start(withDashboard({ guards }))).rejects.toThrow(message);
  const made = ClusterDashboardModule.forRootAsync({ useFactory: () => ({ guards }) });
  await expect(start({ imports: [ClusterModule.forRoot(), made] })).rejects.toThrow(message);
});

it('rejects invalid options', async () => {
  const created = compileModule(withDashboard({ guards: [{}] } as never));
  await expect(created).rejects.toThrow(
    'guards of ClusterDashboardModule must be a list of guards',
  );
});
