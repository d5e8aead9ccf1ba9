import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ThrottlerModule, ThrottlerStorage, ThrottlerStorageService } from '@nestjs/throttler';
import { ClusterModule, SharedState } from '../../../src/index.js';
import { ClusterThrottlerModule, ClusterThrottlerStorage } from '../../../src/throttler/index.js';

let app: TestingModule | undefined;
const warn = vi.fn<(message: string) => void>();

afterEach(async () => {
  warn.mockReset();
  await app?.close();
  app = undefined;
});

async function start(imports: NonNullable<ModuleMetadata['imports']>): Promise<ThrottlerStorage> {
  app = await Test.createTestingModule({ imports })
    .setLogger({ log() {}, warn, error() {} })
    .compile();
  await app.init();
  return app.get<ThrottlerStorage>(ThrottlerStorage, { strict: false });
}

const throttler = () => ThrottlerModule.forRoot([{ limit: 1, ttl: 60_000 }]);

describe('ClusterThrottlerModule', () => {
  it.each([
    ['before', [ClusterThrottlerModule.forRoot(), throttler(), ClusterModule.forRoot()]],
    ['after', [ClusterModule.forRoot(), throttler(), ClusterThrottlerModule.forRoot()]],
  ])('counts in the shared state, imported %s ThrottlerModule', async (_, imports) => {
    const storage = await start(imports);
    expect(storage).toBeInstanceOf(ThrottlerStorageService);
    expect(await storage.increment('k', 60_000, 1, 0, 'default')).toMatchObject({ totalHits: 1 });
    const other = new ClusterThrottlerStorage(app!.get(SharedState));
    expect(await other.increment('k', 60_000, 1, 0, 'default')).toMatchObject({ isBlocked: true });
    expect((storage as ThrottlerStorageService).storage.size).toBe(0);
    expect(warn).not.toHaveBeenCalled();
  });

  it('accepts a storage that was configured with the shared state', async () => {
    const storage = await start([
      ClusterModule.forRoot(),
      ThrottlerModule.forRootAsync({
        inject: [SharedState],
        useFactory: (state: SharedState) => ({
          throttlers: [],
          storage: new ClusterThrottlerStorage(state),
        }),
      }),
      ClusterThrottlerModule.forRoot(),
    ]);
    expect(storage).toBeInstanceOf(ClusterThrottlerStorage);
    expect(warn).not.toHaveBeenCalled();
  });

  class OtherStorage {
    increment(): never {
      throw new Error('not used here');
    }
  }

  class CountingStorage extends ThrottlerStorageService {
    override increment(
      ...hit: Parameters<ThrottlerStorage['increment']>
    ): ReturnType<ThrottlerStorage['increment']> {
      return super.increment(...hit);
    }
  }

  class FieldStorage extends ThrottlerStorageService {
    override increment = (): never => {
      throw new Error('not used here');
    };
  }

  it.each([OtherStorage, CountingStorage, FieldStorage])(
    'warns of another storage, and leaves it alone: %o',
    async Storage => {
      const own: ThrottlerStorage = new Storage();
      const before = Object.getOwnPropertyDescriptor(own, 'increment');
      const storage = await start([
        ClusterModule.forRoot(),
        ThrottlerModule.forRoot({ throttlers: [], storage: own }),
        ClusterThrottlerModule.forRoot(),
      ]);
      expect(storage).toBe(own);
      expect(Object.getOwnPropertyDescriptor(storage, 'increment')).toEqual(before);
      expect(warn.mock.calls[0]![0]).toContain(`has a storage of its own (${Storage.name})`);
    },
  );

  it('counts for a subclass of the default storage that does not count itself', async () => {
    class NamedStorage extends ThrottlerStorageService {}
    const storage = await start([
      ClusterModule.forRoot(),
      ThrottlerModule.forRoot({ throttlers: [], storage: new NamedStorage() }),
      ClusterThrottlerModule.forRoot(),
    ]);
    await storage.increment('k', 60_000, 1, 0, 'default');
    expect((storage as NamedStorage).storage.size).toBe(0);
    expect(warn).not.toHaveBeenCalled();
  });

  it('tells that ThrottlerModule is missing', async () => {
    await expect(
      start([ClusterModule.forRoot(), ClusterThrottlerModule.forRoot()]),
    ).rejects.toMatchObject({
      code: 'CLUSTER_CONFIG',
      message: expect.stringContaining('Add ThrottlerModule.forRoot('),
    });
  });
});
