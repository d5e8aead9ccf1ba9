import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import keyvTestSuite from '@keyv/test-suite';
import { Test, type TestingModule } from '@nestjs/testing';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import * as test from 'vitest';
import { ClusterCacheStore } from '../../../src/cache/index.js';
import { ClusterModule, SharedState } from '../../../src/index.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { SharedFeed } from '../../../src/state/objects/cache/shared-feed.js';
import { StateCache } from '../../../src/state/objects/cache/state-cache.js';
import { FakeExecutor } from '../../support/fakes/fake-executor.js';

/** The suite is for Keyv 5, in which `deleteMany()` and `delete()` of a list resolve to one boolean. */
class LikeKeyv5 extends Keyv6 {
  override async delete(key: never): Promise<never> {
    const deleted: unknown = await super.delete(key);
    return (Array.isArray(deleted) ? deleted.includes(true) : deleted) as never;
  }

  override async deleteMany(keys: string[]): Promise<never> {
    return (await super.deleteMany(keys)).includes(true) as never;
  }
}

let app: TestingModule;
let state: SharedState;

beforeAll(async () => {
  app = await Test.createTestingModule({ imports: [ClusterModule.forRoot()] }).compile();
  await app.init();
  state = app.get(SharedState);
});

afterAll(() => app.close());

describe.each([
  ['5', Keyv],
  ['6', LikeKeyv5],
])('the store with Keyv %s', (version, Version) => {
  describe.each([false, true])('and near: %j', near => {
    const name = `suite-${version}-${near}`;
    keyvTestSuite(test, Version as never, () => new ClusterCacheStore(state, { name, near }));
  });
});

describe('the store', () => {
  it('has entries expire in the backend, and deletes those of its namespace only', async () => {
    const store = new ClusterCacheStore(state, { name: 'expiry' });
    await store.set('one:a', 'x', 1);
    await store.set('one:b', 'x');
    await store.set('two:a', 'x');
    while ((await store.get('one:a')) !== undefined) {
      await new Promise(resolve => setImmediate(resolve));
    }
    store.namespace = 'one';
    await store.clear();
    expect(await store.getMany(['one:b', 'two:a'])).toEqual([undefined, 'x']);
    expect(await store.deleteMany(['one:b', 'two:a'])).toBe(true);
  });

  it('finds nothing and reports an error while the backend is away', async () => {
    const client = new StateClient(new FakeExecutor(), 20, 0);
    const cache = new StateCache('away', {
      client,
      feed: new SharedFeed(client),
      flights: undefined as never,
      near: undefined,
      reloadLog: { failed() {} },
      maxValueBytes: 100,
      ttl: undefined,
      maxEntries: 5,
      maxBytes: undefined,
    });
    const store = new ClusterCacheStore({ cache: () => cache } as never, { name: 'away' });
    const errors: unknown[] = [];
    store.on('error', error => errors.push(error));
    expect(await store.get('a')).toBeUndefined();
    expect(await store.set('a', 1)).toBe(false);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'CLUSTER_STATE_UNAVAILABLE' }),
      expect.objectContaining({ code: 'CLUSTER_STATE_AMBIGUOUS' }),
    ]);
    await client.close();
  });
});
