import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  BeforeApplicationShutdown,
  INestApplicationContext,
  OnApplicationShutdown,
  OnModuleDestroy,
} from '@nestjs/common';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { observeApplications } from '../../../src/application/nest-applications.js';
import { nestPackages } from '../../support/nest/nest-packages.js';

const said: string[] = [];
let withheld: readonly string[] = [];
/** What a hook throws. */
let failure: Error | undefined;
/** Resolves when a hook has begun. */
let hookRuns: Promise<void>;
let tellHookRuns: () => void;

class Hooks implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  onModuleDestroy(): void {
    said.push('onModuleDestroy');
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    said.push(`beforeApplicationShutdown ${signal}`);
    tellHookRuns();
    await new Promise(resolve => setImmediate(resolve));
    if (failure) {
      throw failure;
    }
  }

  onApplicationShutdown(signal?: string): void {
    said.push(`onApplicationShutdown ${signal}`);
  }
}

/** Resolves with the signal that Nest sends again after the last hook. */
function signalSentAgain(): Promise<unknown> {
  return new Promise(resolve => {
    vi.spyOn(process, 'kill').mockImplementation((...args) => {
      resolve(args);
      return true;
    });
  });
}

/** What is said in a shutdown. */
const shutdown = (signal?: string): string[] => [
  'drain begins',
  'drain ends',
  'onModuleDestroy',
  `beforeApplicationShutdown ${signal}`,
  `onApplicationShutdown ${signal}`,
  'closed',
];

const CURRENT = { common, core };

describe.each([
  ['11.0', nestPackages('11.0')],
  ['11', nestPackages('11')],
  ['12', CURRENT],
] as const)('the life of an application of Nest %s', (_, { common: { Module }, core: nest }) => {
  @Module({ providers: [Hooks] })
  class AppModule {}

  observeApplications(
    {
      bootstrapped: () => void said.push('bootstrapped'),
      closing: async () => {
        said.push('drain begins');
        await new Promise(resolve => setImmediate(resolve));
        said.push('drain ends');
      },
      closed: async () => void said.push('closed'),
      signalsToWithhold: () => withheld,
    },
    nest.NestApplicationContext,
  );

  let app: INestApplicationContext;

  beforeEach(async () => {
    withheld = [];
    hookRuns = new Promise(resolve => (tellHookRuns = resolve));
    app = await nest.NestFactory.createApplicationContext(AppModule, { logger: false });
    expect(said.splice(0)).toEqual(['bootstrapped']);
  });

  afterEach(() => {
    said.length = 0;
    vi.restoreAllMocks();
  });

  it('drains before its hooks when it is closed', async () => {
    await app.close();
    expect(said).toEqual(shutdown());
  });

  it('drains before its hooks when its own listener gets a signal', async () => {
    const again = signalSentAgain();
    app.enableShutdownHooks(['SIGUSR2']);
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(await again).toEqual([process.pid, 'SIGUSR2']);
    expect(said).toEqual(shutdown('SIGUSR2'));
  });

  it('does not listen for signals that are withheld', async () => {
    const before = process.listenerCount('SIGUSR2');
    withheld = ['SIGUSR2'];
    app.enableShutdownHooks(['SIGUSR2']);
    expect(process.listenerCount('SIGUSR2')).toBe(before);
    await app.close();
  });

  it('runs its hooks once for all who close it at the same time', async () => {
    await Promise.all([app.close(), app.close()]);
    expect(said).toEqual(shutdown());
  });

  it.each([
    ['at the same time', () => Promise.resolve()],
    ['while it drains', () => new Promise(resolve => queueMicrotask(() => resolve(undefined)))],
    ['while its hooks run', () => hookRuns],
  ] as const)(
    'runs its hooks once if its own listener gets a signal and it is closed %s',
    async (_when, wait) => {
      const again = signalSentAgain();
      app.enableShutdownHooks(['SIGUSR2', 'SIGQUIT']);
      process.emit('SIGUSR2', 'SIGUSR2');
      await wait();
      await Promise.all([app.close(), again]);
      expect(said).toEqual(shutdown('SIGUSR2'));
    },
  );

  it('runs its hooks once if its own listener gets a signal while it closes', async () => {
    const again = signalSentAgain();
    app.enableShutdownHooks(['SIGUSR2', 'SIGQUIT']);
    const closed = app.close();
    await hookRuns;
    process.emit('SIGQUIT', 'SIGQUIT');
    await Promise.all([closed, again]);
    expect(said).toEqual(shutdown());
  });

  it('runs its hooks once if it is closed at any moment of the last one', async () => {
    for (let turns = 0; turns < 12; turns++) {
      said.length = 0;
      const closed = app.close();
      await hookRuns;
      for (let turn = 0; turn < turns; turn++) {
        await Promise.resolve();
      }
      await Promise.all([closed, app.close()]);
      // Whoever comes after the end closes it again, from the first step.
      const whole = said.length / shutdown().length;
      expect(said).toEqual(Array.from({ length: whole }, () => shutdown()).flat());
      hookRuns = new Promise(resolve => (tellHookRuns = resolve));
    }
  });

  it('can be closed again after a hook has failed', async () => {
    failure = new Error('not now');
    // Nest 12 logs the error instead.
    await app.close().catch(() => {});
    failure = undefined;
    said.length = 0;
    await app.close();
    expect(said).toEqual(shutdown());
  });

  it('disposes an application once', async () => {
    let disposed = 0;
    Object.assign(app, { dispose: async () => void disposed++ });
    await Promise.all([app.close(), app.close()]);
    expect(disposed).toBe(1);
    await app.close();
    expect(disposed).toBe(2);
  });

  it('can be closed again afterwards', async () => {
    await app.close();
    said.length = 0;
    await app.close();
    expect(said).toEqual(shutdown());
  });
});
