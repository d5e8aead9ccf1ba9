import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DynamicModule, Global, Injectable, Module, type Type } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { ClusterBus, ClusterModule, ClusterService, OnClusterEvent } from '../../../src/index.js';
import { resolveOptionsApart } from '../../../src/config/resolve-options-apart.js';

const silent = { log() {}, warn() {}, error() {} };

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function compiled(...imports: NonNullable<DynamicModule['imports']>): Promise<TestingModule> {
  app = await Test.createTestingModule({ imports }).setLogger(silent).compile();
  return app.init();
}

const load = async (module: Type): Promise<unknown> =>
  app!.get(LazyModuleLoader).load(() => module);

@Injectable()
class Needy {
  constructor(readonly cluster: ClusterService) {}
}

describe('imports: [ClusterModule] without forRoot()', () => {
  @Module({ imports: [ClusterModule], providers: [Needy] })
  class Feature {}

  it('is an error that says what to write, before any provider is looked for', async () => {
    await expect(compiled(Feature)).rejects.toMatchObject({
      code: 'CLUSTER_CONFIG',
      message: expect.stringContaining('imports: [ClusterModule.forRoot()]'),
    });
  });

  it.each(['before', 'after'])('is fine with forRoot() in another module, %s it', async place => {
    const root = ClusterModule.forRoot();
    const module = await compiled(...(place === 'before' ? [root, Feature] : [Feature, root]));
    expect(module.get(Needy, { strict: false }).cluster.mode).toBe('single');
  });
});

describe('forRoot() twice', () => {
  it('is an error with different options', async () => {
    const two = compiled(ClusterModule.forRoot(), ClusterModule.forRoot({ spare: 1 }));
    await expect(two).rejects.toThrow(/twice, with different options/);
  });

  it('is an error before anything is forked', async () => {
    const { NODE_ENV, JEST_WORKER_ID } = process.env;
    @Module({ imports: [ClusterModule.forRoot(), ClusterModule.forRoot({ spare: 1 })] })
    class Root {}
    try {
      // Not a test run, for a moment: the first one alone would make a primary of this process.
      delete process.env['NODE_ENV'];
      delete process.env['JEST_WORKER_ID'];
      const two = NestFactory.create(Root, { logger: false, abortOnError: false });
      await expect(two).rejects.toThrow(/twice, with different options/);
    } finally {
      Object.assign(process.env, { NODE_ENV, JEST_WORKER_ID });
    }
  });

  it('is one module with the same options: each event is handled once', async () => {
    const handled = vi.fn();
    @Injectable()
    class Handler {
      @OnClusterEvent('twice')
      handle(): void {
        handled();
      }
    }
    const module = await compiled(
      ClusterModule.forRoot({ workers: 'auto' }),
      { module: Handler as Type, providers: [Handler] },
      ClusterModule.forRoot(),
    );
    expect(module.get(ClusterBus, { each: true, strict: false })).toHaveLength(1);
    await module.get(ClusterBus).publish('twice', {});
    await new Promise(resolve => setImmediate(resolve));
    expect(handled).toHaveBeenCalledTimes(1);
  });
});

describe('forRoot() that somebody has awaited', () => {
  it('is as good as one that nobody has', async () => {
    const module = await compiled(await ClusterModule.forRoot());
    expect(module.get(ClusterService, { strict: false }).mode).toBe('single');
  });
});

describe('ClusterModule in a lazily loaded module', () => {
  @Module({ imports: [ClusterModule.forRoot()] })
  class Late {}

  @Module({ imports: [ClusterModule] })
  class LateBare {}

  it('is an error, whether or not the application has it', async () => {
    await compiled();
    await expect(load(Late)).rejects.toThrow(/lazily loaded module/);
    await expect(load(LateBare)).rejects.toThrow('imports: [ClusterModule.forRoot()]');
    await app?.close();
    await compiled(ClusterModule.forRoot());
    await expect(load(Late)).rejects.toThrow(/lazily loaded module/);
  });

  it('is fine without forRoot(), if the application has that', async () => {
    await compiled(ClusterModule.forRoot());
    await expect(load(LateBare)).resolves.toBeDefined();
  });
});

describe('forRootAsync({ inject })', () => {
  let constructed = 0;

  @Injectable()
  class Config {
    readonly spare = 2;
  }

  @Injectable()
  class Database {
    constructor() {
      constructed++;
    }
  }

  @Global()
  @Module({ providers: [Config], exports: [Config] })
  class GlobalConfigModule {}

  @Module({})
  class DynamicConfigModule {}

  @Module({})
  class Between {}

  /** As `ConfigModule.forRoot({ isGlobal: true })` of `@nestjs/config`: a promise. */
  const dynamicConfig = async (): Promise<DynamicModule> => ({
    module: DynamicConfigModule,
    global: true,
    providers: [Config],
    exports: [Config],
  });

  @Global()
  @Module({ providers: [Database], exports: [Database] })
  class DatabaseModule {}

  const options = { inject: [Config], useFactory: ({ spare }: Config) => ({ spare }) };

  @Injectable()
  class OptionsFactory {
    constructor(private readonly config: Config) {}

    createClusterOptions() {
      return { spare: this.config.spare };
    }
  }

  it.each([
    ['a class', GlobalConfigModule],
    ['a promise', dynamicConfig()],
  ])(
    'finds what a global module of the application exports, and constructs no other (%s)',
    async (_, config) => {
      constructed = 0;
      @Module({ imports: [DatabaseModule, { module: Between, imports: [config] }] })
      class Root {}
      expect(await resolveOptionsApart(options, Root)).toEqual({ spare: 2 });
      const useClass = { useClass: OptionsFactory };
      expect(await resolveOptionsApart(useClass, Root)).toEqual({ spare: 2 });
      expect(constructed).toBe(0);
      const module = await compiled(Root, ClusterModule.forRootAsync(options));
      expect(module.get(ClusterService).mode).toBe('single');
    },
  );

  it('fails in the same way for the primary and in the application, with the remedy', async () => {
    const error = {
      code: 'CLUSTER_CONFIG',
      message: expect.stringContaining('injects Config, which neither its imports nor a global'),
    };
    await expect(resolveOptionsApart(options, undefined)).rejects.toMatchObject(error);
    await expect(compiled(ClusterModule.forRootAsync(options))).rejects.toMatchObject(error);
    const existing = { useExisting: OptionsFactory };
    await expect(compiled(ClusterModule.forRootAsync(existing))).rejects.toThrow(
      /injects OptionsFactory/,
    );
  });

  it('leaves alone what the user has said is optional', async () => {
    const optional = {
      inject: [{ token: Config, optional: true }],
      useFactory: (config?: Config) => ({ spare: config?.spare ?? 1 }),
    };
    expect(await resolveOptionsApart(optional, undefined)).toEqual({ spare: 1 });
  });
});
