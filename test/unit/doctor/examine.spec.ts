import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { CacheModule } from '@nestjs/cache-manager';
import { Injectable, Module, type ModuleMetadata, Scope } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { ScheduleModule } from '@nestjs/schedule';
import type { TestingModule } from '@nestjs/testing';
import { ThrottlerModule } from '@nestjs/throttler';
import { PubSub } from 'graphql-subscriptions';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import { Counter, Registry, register } from 'prom-client';
import { ClusterCacheStore } from '../../../src/cache/index.js';
import { DOCTOR_CHECKS } from '../../../src/config/doctor-checks.js';
import type { Facts } from '../../../src/doctor/check.interface.js';
import { hasDefaultMetrics } from '../../../src/doctor/checks/prom-client.check.js';
import { renderFinding } from '../../../src/doctor/doctor.messages.js';
import { examine, WANTED } from '../../../src/doctor/examine.js';
import type { Finding } from '../../../src/doctor/finding.interface.js';
import { Inventory } from '../../../src/doctor/inventory.js';
import { ClusterPubSub } from '../../../src/graphql/index.js';
import { ClusterBus, ClusterModule, SharedState } from '../../../src/index.js';
import { ClusterMetricsModule } from '../../../src/metrics/index.js';
import { ClusterScheduleModule } from '../../../src/schedule/index.js';
import { ClusterIoAdapter } from '../../../src/socket.io/index.js';
import { ClusterThrottlerModule } from '../../../src/throttler/index.js';
import { compileModule } from '../../support/module-application.js';

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** Of an application without gateways and metrics. */
const NO_FACTS = { engines: [], socketAdapter: undefined, hasDefaultMetrics: false };

async function findingsIn(
  metadata: ModuleMetadata,
  facts: Partial<Facts> = {},
): Promise<readonly Finding[]> {
  app = await compileModule(metadata);
  await app.init();
  const inventory = new Inventory(app.get(ModulesContainer).values(), WANTED);
  return examine(
    {
      inventory,
      workers: 4,
      ...NO_FACTS,
      ...facts,
    },
    DOCTOR_CHECKS,
  );
}

const checksIn = async (...given: Parameters<typeof findingsIn>): Promise<string[]> =>
  (await findingsIn(...given)).map(({ check }) => check);

const cluster = ClusterModule.forRoot();

const provided = (provide: string, instance: unknown): ModuleMetadata => ({
  providers: [{ provide, useValue: instance }],
});

/** An instance of a class with this name. */
function instanceOf(name: string, fields: object = {}): object {
  class Other {
    readonly isOther = true;
  }
  Object.defineProperty(Other, 'name', { value: name });
  return Object.assign(new Other(), fields);
}

const refuse = (): never => {
  throw new Error('Do not look at me.');
};

const hostile = (): object =>
  new Proxy(new PubSub(), { get: refuse, getPrototypeOf: refuse, ownKeys: refuse });

const socketIo = (...transports: string[]): Pick<Facts, 'engines'> => ({
  engines: [{ opts: { transports } }],
});

describe('the doctor warns of', () => {
  it.each<[string, ModuleMetadata, Partial<Facts>?]>([
    ['schedule', { imports: [ScheduleModule.forRoot()] }],
    ['throttler', { imports: [ThrottlerModule.forRoot([{ limit: 1, ttl: 1_000 }])] }],
    ['cache', { imports: [CacheModule.register()] }],
    ['cache', { imports: [CacheModule.register({ isGlobal: true, stores: [new Keyv()] })] }],
    ['cache', { imports: [CacheModule.register({ stores: [new Map() as never] })] }],
    ['cache', { imports: [CacheModule.register({ stores: [new Keyv6() as never] })] }],
    ['graphql', provided('PUB_SUB', new PubSub())],
    ['graphql', { providers: [{ provide: 'PUB_SUB', useFactory: () => new PubSub() }] }],
    ['socket.io', {}, { ...socketIo('polling', 'websocket'), socketAdapter: new IoAdapter() }],
    ['prom-client', {}, { hasDefaultMetrics: true }],
  ])('%s', async (check, metadata, facts) => {
    const findings = await findingsIn(metadata, facts);
    expect(findings.map(finding => finding.check)).toEqual([check]);
    expect(renderFinding(findings[0]!)).toContain(
      `. To ignore this, set doctor: { ignore: ['${check}'] }, or CLUSTER_DOCTOR=-${check}`,
    );
  });

  it('a PubSub that a resolver has created, or that is a subclass', async () => {
    @Injectable()
    class Resolver {
      readonly pubSub = new PubSub();
    }
    class OwnPubSub extends PubSub {}
    expect(await checksIn({ providers: [Resolver] })).toEqual(['graphql']);
    expect(await checksIn(provided('PUB_SUB', new OwnPubSub()))).toEqual(['graphql']);
  });

  it('a PubSub beside one that cannot be looked at', async () => {
    @Injectable()
    class Resolver {
      readonly hostile = hostile();
      readonly pubSub = new PubSub();
    }
    expect(await checksIn({ providers: [Resolver] })).toEqual(['graphql']);
  });

  it('each mistake once, if it is made in several modules', async () => {
    @Module({ imports: [CacheModule.register()] })
    class One {}
    @Module({
      imports: [CacheModule.register()],
      providers: [{ provide: 'A', useValue: new PubSub() }],
    })
    class Two {}
    const metadata = { imports: [One, Two], ...provided('B', new PubSub()) };
    expect((await checksIn(metadata)).toSorted()).toEqual(['cache', 'graphql']);
  });
});

describe('the doctor says nothing of', () => {
  it('modules with the line that makes them right', async () => {
    const findings = await checksIn({
      imports: [
        cluster,
        ScheduleModule.forRoot(),
        ClusterScheduleModule.forRoot(),
        ThrottlerModule.forRoot([{ limit: 1, ttl: 1_000 }]),
        ClusterThrottlerModule.forRoot(),
        CacheModule.registerAsync({
          inject: [SharedState],
          useFactory: (state: SharedState) => ({
            stores: [new Keyv({ store: new ClusterCacheStore(state, { name: 'http' }) })],
          }),
        }),
      ],
      providers: [
        {
          provide: ClusterPubSub,
          inject: [ClusterBus],
          useFactory: (bus: ClusterBus) => new ClusterPubSub(bus),
        },
      ],
    });
    expect(findings).toEqual([]);
  });

  it('metrics of all workers', async () => {
    const metadata = { imports: [cluster, ClusterMetricsModule.forRoot()] };
    expect(await checksIn(metadata, { hasDefaultMetrics: true })).toEqual([]);
  });

  it('a near cache before a shared one', async () => {
    const shared = { get() {}, set() {}, delete() {}, clear() {} };
    const stores = [new Keyv(), new Keyv({ store: shared })];
    expect(await checksIn({ imports: [CacheModule.register({ stores })] })).toEqual([]);
  });

  it.each<[string, object]>([
    ['a PubSub of another package', instanceOf('PubSub')],
    ['an emitter of its own', new PubSub({ eventEmitter: new (class extends EventEmitter {})() })],
    ['the class PubSub itself', PubSub],
    ['a storage of its own', instanceOf('RedisThrottlerStorage')],
    ['a registry of something else', instanceOf('SchedulerRegistry')],
    ['a source of something else', instanceOf('DataSource', { options: { synchronize: true } })],
    ['a pool of something else', instanceOf('Pool', { options: { max: 1_000 } })],
  ])('%s', async (_, instance) => {
    expect(await checksIn(provided('ANY', instance))).toEqual([]);
  });

  class OwnIoAdapter extends ClusterIoAdapter {}

  it.each([
    ['WebSockets only', { ...socketIo('websocket'), socketAdapter: new IoAdapter() }],
    [
      'our adapter',
      { ...socketIo('polling'), socketAdapter: Object.create(OwnIoAdapter.prototype) as object },
    ],
    ['an engine that it does not know', { engines: [{}], socketAdapter: new IoAdapter() }],
  ])('Socket.IO with %s', async (_, facts) => {
    expect(await checksIn({}, facts)).toEqual([]);
  });

  it('what cannot be looked at', async () => {
    const touchy = Object.create(PubSub.prototype, { ee: { get: refuse } }) as object;
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      readonly pubSub = new PubSub();
    }
    const inventory = new Inventory(
      [
        {
          metatype: undefined,
          providers: new Map([
            ['hostile', { instance: hostile() }],
            ['touchy', { instance: touchy }],
            ['bare', { instance: Object.create(null) as object }],
            ['null', { instance: null }],
            ['request', { instance: Object.create(PerRequest.prototype) as object }],
          ]),
          controllers: new Map(),
        },
      ],
      WANTED,
    );
    const facts = { ...NO_FACTS, inventory, workers: 2 };
    expect(examine(facts, DOCTOR_CHECKS)).toEqual([]);
  });
});

/** As in TypeORM 0.3 and 1. */
class DataSource {
  constructor(readonly options: object) {}
}

/** As in Sequelize 6. */
class Sequelize {
  constructor(readonly options: object) {}
}

/** As in pg-pool 3, which exports a subclass. */
class PgPool {
  readonly _pendingQueue = [];
  constructor(readonly options: { readonly max: number }) {}
}
Object.defineProperty(PgPool, 'name', { value: 'Pool' });
class BoundPool extends PgPool {}

/** As in mysql and mysql2. */
class MysqlPool {
  constructor(readonly config: { readonly connectionLimit: number }) {}
}
Object.defineProperty(MysqlPool, 'name', { value: 'Pool' });

/** As in mysql2/promise. */
class PromisePool {
  constructor(readonly pool: object) {}
}

/** As in Knex 3. */
function knexOf(dialect: string, max: number): object {
  return Object.defineProperty(function knex() {}, 'client', {
    get: () => ({ dialect, pool: { max } }),
  });
}

/** What the doctor says about the connections of all workers. */
async function total(instance: unknown, workers: number): Promise<string | undefined> {
  const [finding] = await findingsIn(provided('DB', instance), { workers });
  return finding && /(\d+ connections × \d+ workers = \d+)/.exec(finding.what)?.[1];
}

describe('database pools', () => {
  it.each<[string, object, number, number]>([
    ['TypeORM by default', new DataSource({ type: 'postgres' }), 10, 100],
    ['TypeORM', new DataSource({ type: 'postgres', poolSize: 40 }), 40, 100],
    [
      'TypeORM with the option of the driver',
      new DataSource({ type: 'postgres', extra: { max: 30 } }),
      30,
      100,
    ],
    ['TypeORM with MySQL', new DataSource({ type: 'mysql', poolSize: 40 }), 40, 151],
    ['Sequelize by default', new Sequelize({ dialect: 'postgres', pool: {} }), 5, 100],
    ['Sequelize', new Sequelize({ dialect: 'mariadb', pool: { max: 20 } }), 20, 151],
    ['pg', new BoundPool({ max: 10 }), 10, 100],
    ['mysql', new MysqlPool({ connectionLimit: 10 }), 10, 151],
    ['mysql2', new PromisePool(new MysqlPool({ connectionLimit: 10 })), 10, 151],
    ['Knex', knexOf('postgresql', 10), 10, 100],
  ])('of %s are warned of from the limit of the server on', async (_, instance, size, limit) => {
    const most = Math.floor(limit / size);
    expect(await total(instance, most)).toBeUndefined();
    expect(await total(instance, most + 1)).toBe(
      `${size} connections × ${most + 1} workers = ${size * (most + 1)}`,
    );
  });

  it('of mysql2 are found once, with both of their interfaces', async () => {
    const pool = new PromisePool(new MysqlPool({ connectionLimit: 90 }));
    @Injectable()
    class Repository {
      readonly pool = pool;
    }
    const [finding] = await findingsIn({
      providers: [Repository, { provide: 'POOL', useValue: pool }],
    });
    expect(finding?.what.split('; ')).toHaveLength(1);
  });

  it('that a provider holds are found, and each once', async () => {
    const pool = new BoundPool({ max: 90 });
    @Injectable()
    class Repository {
      readonly pool = pool;
    }
    const [finding, ...others] = await findingsIn({
      providers: [Repository, { provide: 'POOL', useValue: pool }],
    });
    expect(others).toEqual([]);
    expect(finding?.what.split('; ')).toHaveLength(1);
    expect(finding?.remedy).toContain('Set max to 25 or less');
  });

  it.each<[string, object]>([
    ['another server', new DataSource({ type: 'mssql', poolSize: 1_000 })],
    ['SQLite', new DataSource({ type: 'better-sqlite3', database: 'a.db' })],
    ['Knex with SQLite', knexOf('sqlite3', 1_000)],
  ])('of %s are not', async (_, instance) => {
    expect(await total(instance, 100)).toBeUndefined();
  });
});

describe('migrations of TypeORM', () => {
  it.each<[object, string]>([
    [{ type: 'postgres', synchronize: true }, '(synchronize: true)'],
    [{ type: 'mysql', migrationsRun: true }, '(migrationsRun: true)'],
    [{ type: 'better-sqlite3', database: 'a.db', synchronize: true }, '(synchronize: true)'],
    [{ type: 'sqljs', location: 'a.db', synchronize: true }, '(synchronize: true)'],
  ])('with %j are warned of', async (options, text) => {
    const findings = await findingsIn(provided('DB', new DataSource(options)));
    expect(findings).toEqual([expect.objectContaining({ check: 'typeorm-migrations' })]);
    expect(findings[0]!.what).toContain(text);
  });

  it.each([
    { type: 'postgres', synchronize: false, migrationsRun: false },
    { type: 'sqlite', database: ':memory:', synchronize: true },
    { type: 'sqljs', synchronize: true },
  ])('with %j are not', async options => {
    expect(await checksIn(provided('DB', new DataSource(options)))).toEqual([]);
  });
});

describe('the default registry of prom-client', () => {
  const file = createRequire(import.meta.url).resolve('prom-client');
  const loaded = { [file]: { exports: { register, Registry } } };

  afterEach(() => register.clear());

  it('is looked at if the application has loaded it, and has metrics there', () => {
    expect(hasDefaultMetrics(loaded)).toBe(false);
    new Registry().registerMetric(new Counter({ name: 'own', help: 'of its own', registers: [] }));
    expect(hasDefaultMetrics(loaded)).toBe(false);
    register.registerMetric(new Counter({ name: 'orders', help: 'of all', registers: [] }));
    expect(hasDefaultMetrics(loaded)).toBe(true);
    expect(file).toMatch(/node_modules.prom-client.index\.js$/);
  });

  it('is not loaded to look at it', () => {
    expect(hasDefaultMetrics({})).toBe(false);
    expect(hasDefaultMetrics({ '/a/node_modules/prom-client/index.js': undefined })).toBe(false);
  });
});
