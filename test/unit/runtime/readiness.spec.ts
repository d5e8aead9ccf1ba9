import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Module } from '@nestjs/common';
import { BootingApplications } from '../../../src/nest/booting-applications.js';
import {
  type FactoryCall,
  factoryFor,
  type FactoryMethod,
} from '../../../src/nest/factory-call.js';
import { Readiness } from '../../../src/runtime/readiness.js';
import { type Deferred, deferred } from '../../../src/system/async/deferred.js';
// Those of fake timers would not come by themselves.
import { setImmediate } from '../../../src/system/time/immediates.js';

/** More than an application that rests is waited for, in ms. */
const GRACE = 500;

@Module({})
class Admin {}

/** An application of this test: like Nest's, `listen()` runs `init()`. */
class App {
  constructor(
    readonly container: object,
    private readonly booted: Promise<unknown>,
    private readonly onListening: (app: App) => void,
  ) {}

  async init(): Promise<void> {
    await this.booted;
  }

  async startAllMicroservices(): Promise<void> {
    await this.init();
  }

  async listen(failure?: Error): Promise<void> {
    await this.init();
    if (failure) {
      throw failure;
    }
    this.onListening(this);
  }
}

let boots: BootingApplications;
let isReady: boolean;
let leave: () => void;
let readiness: Readiness;
const warn = vi.fn();

const lifecycle = {
  ready: () => void (isReady = true),
  beforeAskingToLeave: (task: () => void) => void (leave = task),
};

beforeEach(() => {
  boots = new BootingApplications();
  isReady = false;
  warn.mockReset();
  readiness = new Readiness(lifecycle, { warn }, true, boots);
});

/** Creates an application, which takes until `created`, and whose `init()` takes until `booted`. */
function create({
  created = Promise.resolve(),
  booted = Promise.resolve(),
  method = 'create',
}: { created?: Promise<void>; booted?: Promise<void>; method?: FactoryMethod } = {}): Promise<App> {
  const call: FactoryCall = { method, root: Admin };
  const container = {};
  const factory = {
    initialize: () => created,
    async create() {
      await (this.initialize as (...args: unknown[]) => unknown)(Admin, container);
      return new App(container, booted, app => readiness.serves(app));
    },
  };
  return boots.follow(call, () => factoryFor(factory, call).create());
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) {
    await new Promise(resolve => setImmediate(resolve));
  }
};

/** Checks that this process is not ready for some time, and then is. */
async function waitsFor(gate: Deferred): Promise<void> {
  await delay(20);
  expect(isReady).toBe(false);
  gate.resolve();
  await turns(10);
}

describe('a process with one application', () => {
  it('is ready when it listens, a few turns of the event loop later', async () => {
    const app = await create();
    await app.listen();
    expect(isReady).toBe(false);
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('is ready before it leaves', async () => {
    const app = await create();
    await app.listen();
    leave();
    expect(isReady).toBe(true);
  });

  it('is ready when a context has bootstrapped, or an application without a factory listens', async () => {
    readiness.serves();
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('is ready when a server of its own listens, during init() or afterwards', async () => {
    const booted = deferred();
    const app = await create({ booted: booted.promise });
    const initialized = app.init();
    readiness.serves(app);
    await turns(4);
    expect(isReady).toBe(true);
    booted.resolve();
    await initialized;
  });

  it('is ready at once in a test run', () => {
    new Readiness(lifecycle, { warn }, false, boots).serves();
    expect(isReady).toBe(true);
  });
});

describe('a process with two applications is ready when both listen', () => {
  it('if the second one is created when the first one listens', async () => {
    const [created, booted] = [deferred(), deferred()];
    const main = (async () => {
      await (await create()).listen();
      const admin = await create({ created: created.promise, booted: booted.promise });
      await admin.listen();
    })();
    await waitsFor(created);
    await waitsFor(booted);
    await main;
    expect(isReady).toBe(true);
  });

  it('if both are created first', async () => {
    const booted = deferred();
    const main = (async () => {
      const [app, admin] = [await create(), await create({ booted: booted.promise })];
      await app.listen();
      await admin.listen();
    })();
    await waitsFor(booted);
    await main;
    expect(isReady).toBe(true);
  });

  it('if they start at the same time', async () => {
    const booted = deferred();
    const main = (async () => {
      const both = await Promise.all([create({ booted: booted.promise }), create()]);
      await Promise.all(both.map(app => app.listen()));
    })();
    await waitsFor(booted);
    await main;
    expect(isReady).toBe(true);
  });

  it('if the second one is initialized, and soon listens', async () => {
    const booted = deferred();
    const main = (async () => {
      const admin = await create({ booted: booted.promise });
      await (await create()).listen();
      await admin.init();
      await delay(GRACE / 5);
      await admin.listen();
    })();
    await waitsFor(booted);
    await delay(GRACE / 10);
    expect(isReady).toBe(false);
    await main;
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('also if it leaves before', async () => {
    await (await create()).listen();
    void create({ created: new Promise(() => {}) });
    leave();
    expect(isReady).toBe(false);
  });

  it('and says after ten seconds which one it waits for', async () => {
    vi.useFakeTimers();
    try {
      const created = deferred();
      await (await create()).listen();
      const creating = create({ created: created.promise });
      await vi.advanceTimersByTimeAsync(9_000);
      expect(warn).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1_500);
      expect(warn.mock.calls).toEqual([
        [expect.stringContaining('these applications listen: Admin')],
      ]);
      created.resolve();
      await creating;
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('an application that does not listen', () => {
  beforeEach(() => void vi.useFakeTimers());

  afterEach(() => void vi.useRealTimers());

  it.each([
    ['is created', false],
    ['is initialized', true],
  ])('is waited for only a short time when it %s', async (_, initializes) => {
    const other = await create();
    await (await create()).listen();
    if (initializes) {
      await other.init();
    }
    await vi.advanceTimersByTimeAsync(GRACE - 10);
    expect(isReady).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('is waited for only some seconds if it is a microservice, whose broker may be out of reach', async () => {
    const microservice = create({ method: 'createMicroservice', booted: new Promise(() => {}) });
    await (await create()).listen();
    void (await microservice).listen();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(isReady).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    await turns(4);
    expect(isReady).toBe(true);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('is waited for only some seconds while its microservices connect', async () => {
    const hybrid = await create({ booted: new Promise(() => {}) });
    await (await create()).listen();
    void hybrid.startAllMicroservices();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(isReady).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('is not waited for when it is closed', async () => {
    const other = await create();
    await (await create()).listen();
    boots.ended(other);
    await turns(6);
    expect(isReady).toBe(true);
  });

  it('is not waited for if it is a context', async () => {
    await create({ method: 'createApplicationContext' });
    await (await create()).listen();
    void create({ method: 'createApplicationContext', created: new Promise(() => {}) });
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('does not keep the process from becoming ready if it fails to listen', async () => {
    const admin = await create();
    await (await create()).listen();
    await expect(admin.listen(new Error('in use'))).rejects.toThrow('in use');
    await turns(6);
    expect(isReady).toBe(false);
    await vi.advanceTimersByTimeAsync(GRACE + 10);
    await turns(4);
    expect(isReady).toBe(true);
  });

  it('may listen on another port when it has failed', async () => {
    const admin = await create();
    await (await create()).listen();
    await admin.listen(new Error('in use')).catch(() => admin.listen());
    await turns(6);
    expect(isReady).toBe(true);
  });

  it('is not waited for if it cannot be created', async () => {
    const created = deferred();
    await (await create()).listen();
    const creating = create({ created: created.promise });
    await delay(20);
    expect(isReady).toBe(false);
    created.reject(new Error('no'));
    await expect(creating).rejects.toThrow('no');
    await turns(6);
    expect(isReady).toBe(true);
  });
});
