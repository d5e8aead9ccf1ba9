import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Test, type TestingModule } from '@nestjs/testing';
import session, { type SessionData } from 'express-session';
import { ClusterModule, SharedState } from '../../../src/index.js';
import { ClusterSessionStore } from '../../../src/session/index.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { FakeExecutor } from '../../support/fakes/fake-executor.js';

let app: TestingModule;
let state: SharedState;
let store: ClusterSessionStore;

beforeEach(async () => {
  app = await Test.createTestingModule({ imports: [ClusterModule.forRoot()] }).compile();
  await app.init();
  state = app.get(SharedState);
  store = new ClusterSessionStore(state);
});

afterEach(() => app.close());

const sessionOf = (fields: object = {}, cookie: object = {}): SessionData => ({
  cookie: { originalMaxAge: null, ...cookie },
  ...fields,
});

function expires(milliseconds: number): object {
  return { expires: new Date(Date.now() + milliseconds) };
}

function calls(of: ClusterSessionStore) {
  return {
    get: promisify(of.get.bind(of)) as (id: string) => Promise<unknown>,
    set: promisify(of.set.bind(of)),
    destroy: promisify(of.destroy.bind(of)),
    touch: promisify(of.touch.bind(of)),
    all: promisify(of.all.bind(of)) as () => Promise<SessionData[]>,
    length: promisify(of.length.bind(of)) as () => Promise<number>,
    clear: promisify(of.clear.bind(of)),
  };
}

describe('the store of sessions', () => {
  it('is one of express-session, and emits events', () => {
    expect(store).toBeInstanceOf(session.Store);
    expect(store.listenerCount('disconnect')).toBe(0);
    const made = store.createSession({} as never, sessionOf({ views: 1 }));
    expect(made).toMatchObject({ views: 1 });
  });

  it('gets, sets, lists and deletes sessions, with and without callbacks', async () => {
    const { get, set, destroy, all, length, clear } = calls(store);
    expect(await get('none')).toBeNull();
    await set('a', sessionOf({ views: 1 }));
    await set('b', sessionOf({ views: 2 }));
    store.set('c', sessionOf({ views: 3 }));
    expect(await get('a')).toEqual(sessionOf({ views: 1 }));
    expect(await length()).toBe(3);
    const views = (await all()).map(each => (each as { views?: number }).views ?? 0);
    expect(views.toSorted((x, y) => x - y)).toEqual([1, 2, 3]);
    await destroy('a');
    await destroy('none');
    expect(await get('a')).toBeNull();
    expect(await length()).toBe(2);
    await state.set('other', 1);
    await clear();
    expect(await all()).toEqual([]);
    expect(await state.get('other')).toBe(1);
  });

  it('does not revive a session that was destroyed', async () => {
    const { get, set, destroy, touch, length } = calls(store);
    await set('a', sessionOf({ views: 1 }));
    await destroy('a');
    await set('a', sessionOf({ views: 2 }));
    await touch('a', sessionOf({ views: 2 }));
    expect(await get('a')).toBeNull();
    expect(await length()).toBe(0);
  });

  it('has sessions expire with their cookie, or after its ttl, and touch() starts that again', async () => {
    const { get, set, touch } = calls(store);
    await set('a', sessionOf({}, expires(60_000)));
    expect(await state.ttl('session:a')).toBeGreaterThan(50_000);
    await touch('a', sessionOf({}, expires(600_000)));
    expect(await state.ttl('session:a')).toBeGreaterThan(500_000);
    await set('b', sessionOf());
    expect(await state.ttl('session:b')).toBeGreaterThan(86_000_000);
    const brief = calls(new ClusterSessionStore(state, { ttl: 5_000, prefix: 'brief:' }));
    await brief.set('c', sessionOf());
    expect(await state.ttl('brief:c')).toBeLessThanOrEqual(5_000);
    await set('a', sessionOf({}, expires(-1)));
    expect(await get('a')).toBeNull();
  });

  it('stores what JSON.stringify() makes of any value, as other stores do', async () => {
    const { get, set } = calls(store);
    const fields = {
      user: 'ann',
      score: NaN,
      list: [undefined, () => 1],
      challenge: Buffer.from('abc'),
      bytes: new Uint8Array([1, 2]),
      map: new Map([[1, 2]]),
      set: new Set([1]),
      error: new Error('x'),
      pattern: /x/,
      date: new Date(NaN),
    };
    await set('a', sessionOf(fields));
    expect(await get('a')).toEqual(JSON.parse(JSON.stringify(sessionOf(fields))));
    expect(await get('a')).toMatchObject({ user: 'ann', challenge: { type: 'Buffer' } });
  });

  it('refuses sessions that JSON.stringify() refuses, and sessions of more than 1 MiB', async () => {
    const { get, set } = calls(store);
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const [fields, problem] of [
      [{ cycle }, 'circular'],
      [{ id: 1n }, 'BigInt'],
      [{ text: 'x'.repeat(1024 * 1024) }, 'the maximum of a session is 1048576'],
    ] as const) {
      await expect(set('a', sessionOf(fields))).rejects.toMatchObject({
        code: 'CLUSTER_STATE_INPUT',
        message: expect.stringContaining(problem),
      });
    }
    expect(await get('a')).toBeNull();
  });

  it('refuses or allows requests while the backend is away, and never loses a logout silently', async () => {
    const away = new StateClient(new FakeExecutor(), 20, 0);
    const awayState = { stateClient: away } as Partial<SharedState> as SharedState;
    const refusing = calls(new ClusterSessionStore(awayState));
    await expect(refusing.get('a')).rejects.toMatchObject({ status: 503 });
    await expect(refusing.set('a', sessionOf())).rejects.toMatchObject({ status: 503 });
    const allowing = calls(new ClusterSessionStore(awayState, { onOutage: 'allow' }));
    expect(await allowing.get('a')).toBeNull();
    await allowing.set('a', sessionOf());
    await expect(allowing.destroy('a')).rejects.toMatchObject({ status: 503 });
    expect(() => new ClusterSessionStore(state, { ttl: 0 })).toThrow('ttl');
    await away.close();
  });
});
