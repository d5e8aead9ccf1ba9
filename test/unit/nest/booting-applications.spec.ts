import { beforeEach, describe, expect, it } from 'vitest';
import { Module } from '@nestjs/common';
import { BootingApplications, type Pending } from '../../../src/nest/booting-applications.js';
import {
  type FactoryCall,
  factoryFor,
  type FactoryMethod,
} from '../../../src/nest/factory-call.js';
import { deferred } from '../../../src/system/async/deferred.js';
import { monotonicNow } from '../../../src/system/time/monotonic-now.js';

@Module({})
class Shop {}

/** Steps as those of Nest: `listen()` calls `init()`. */
class Application {
  gate = deferred();

  constructor(readonly container: object) {}

  async init(): Promise<this> {
    await this.gate.promise;
    return this;
  }

  async listen(): Promise<string> {
    await this.init();
    return 'listens';
  }
}

/** A microservice that is connected to an application, whose container it has. */
class Connected extends Application {}

let boots: BootingApplications;

beforeEach(() => {
  boots = new BootingApplications();
});

const pending = (): Pending => boots.pending({ since: 0, rest: 60_000, microservice: Infinity });

/** Creates an application as Nest does; it is a proxy that cannot be changed. */
async function create(
  method: FactoryMethod = 'create',
  root: unknown = Shop,
  type = Application,
): Promise<{ app: Application; raw: Application }> {
  const call: FactoryCall = { method, root };
  const container = {};
  const raw = new type(container);
  const factory = {
    initialize: () => Promise.resolve(),
    create() {
      void (this.initialize as (...args: unknown[]) => unknown)(root, container);
      return Promise.resolve(new Proxy(raw, { set: () => false }));
    },
  };
  const app = await boots.follow(call, () => factoryFor(factory, call).create());
  return { app, raw };
}

describe('an application that boots', () => {
  it('is busy while the factory creates it, and rests afterwards', async () => {
    const creating = create();
    expect(pending()).toMatchObject({ busy: ['Shop'], resting: [] });
    await creating;
    expect(pending()).toMatchObject({ busy: [], resting: ['Shop'] });
  });

  it.each([
    ['a dynamic module', { module: Shop }, 'Shop'],
    ['metadata', { imports: [] }, 'an application'],
    ['a promise', Promise.resolve(Shop), 'an application'],
  ])('has the name of its root module: %s', async (_, root, name) => {
    await create('create', root);
    expect(pending().resting).toEqual([name]);
  });

  it('is busy during init() and listen(), and has booted when it listens', async () => {
    const { app, raw } = await create();
    const initialized = app.init();
    expect(pending()).toMatchObject({ busy: ['Shop'], resting: [] });
    raw.gate.resolve();
    expect(await initialized).toBe(app);
    expect(pending()).toMatchObject({ busy: [], resting: ['Shop'] });

    raw.gate = deferred();
    const listens = app.listen();
    expect(pending()).toMatchObject({ busy: ['Shop'], resting: [] });
    raw.gate.resolve();
    expect(await listens).toBe('listens');
    expect(pending()).toMatchObject({ busy: [], resting: [] });
  });

  it('rests when it could not listen: it may try again', async () => {
    const { app, raw } = await create();
    const listens = app.listen();
    raw.gate.reject(new Error('in use'));
    await expect(listens).rejects.toThrow('in use');
    expect(pending()).toMatchObject({ busy: [], resting: ['Shop'] });
  });

  it('does not boot any more if it could not be created', async () => {
    const call: FactoryCall = { method: 'create', root: Shop };
    const creating = boots.follow(call, () => Promise.reject(new Error('no')));
    await expect(creating).rejects.toThrow('no');
    expect(pending()).toMatchObject({ busy: [], resting: [] });
  });

  it('does not boot any more if it serves in another way, or is closed', async () => {
    const { raw } = await create();
    boots.ended(raw);
    expect(pending()).toMatchObject({ busy: [], resting: [] });
    boots.ended({});
  });

  it('rests only for a short time, counted from its last step or from a later moment', async () => {
    await create();
    const patience = { rest: 0, microservice: 0 };
    expect(boots.pending({ since: 0, ...patience }).resting).toEqual([]);
    const later = monotonicNow() + 50;
    expect(boots.pending({ since: later, ...patience })).toEqual({
      busy: [],
      resting: ['Shop'],
      until: later,
    });
  });

  it('is not its connected microservice', async () => {
    await create('createMicroservice', Connected, Connected);
    const { raw } = await create();
    const connected = new Connected(raw.container);
    connected.gate.resolve();
    await connected.listen();
    boots.ended(connected);
    expect(pending().resting).toEqual(['Connected', 'Shop']);
  });
});

it('ignores contexts, and applications without a factory', async () => {
  await create('createApplicationContext');
  await create();
  const other = new Application({});
  other.gate.resolve();
  await other.listen();
  expect(pending().resting).toEqual(['Shop']);
});

it('returns what a factory returns', async () => {
  const call: FactoryCall = { method: 'create', root: undefined };
  expect(await boots.follow(call, () => Promise.resolve(undefined))).toBeUndefined();
});

it('tells of every change', async () => {
  let changes = 0;
  const count = async (): Promise<void> => {
    for (;;) {
      await boots.changed;
      changes++;
    }
  };
  void count();
  const { app, raw } = await create();
  await new Promise(setImmediate);
  // The call of the factory begins, and ends.
  expect(changes).toBe(2);
  raw.gate.resolve();
  await app.listen();
  await new Promise(setImmediate);
  expect(changes).toBeGreaterThan(2);
});
