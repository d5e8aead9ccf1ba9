import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
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

class Hooks implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  onModuleDestroy(): void {
    said.push('onModuleDestroy');
  }

  beforeApplicationShutdown(signal?: string): void {
    said.push(`beforeApplicationShutdown ${signal}`);
  }

  onApplicationShutdown(signal?: string): void {
    said.push(`onApplicationShutdown ${signal}`);
  }
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
    app = await nest.NestFactory.createApplicationContext(AppModule, { logger: false });
    expect(said.splice(0)).toEqual(['bootstrapped']);
  });

  afterEach(() => {
    said.length = 0;
    jest.restoreAllMocks();
  });

  it('drains before its hooks when it is closed', async () => {
    await app.close();
    expect(said).toEqual(shutdown());
  });

  it('drains before its hooks when its own listener gets a signal', async () => {
    // Nest sends the signal again after the last hook.
    const again = new Promise(resolve => {
      jest.spyOn(process, 'kill').mockImplementation((...args) => {
        resolve(args);
        return true;
      });
    });
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

  it('can be closed again afterwards', async () => {
    await app.close();
    said.length = 0;
    await app.close();
    expect(said).toEqual(shutdown());
  });
});
