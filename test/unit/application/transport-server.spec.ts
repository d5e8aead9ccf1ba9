import { describe, expect, it } from 'vitest';
import type { Type } from '@nestjs/common';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { transportServerOf } from '../../../src/application/transport-server.js';
import { nestPackages, type NestPackages } from '../../support/nest/nest-packages.js';

class Strategy {
  listen(callback: () => void): void {
    callback();
  }

  close(): void {}
}

describe.each<[string, () => Pick<NestPackages, 'common' | 'core'>]>([
  ['11', () => nestPackages('11')],
  ['12', () => ({ common, core })],
])('the transport of an application of Nest %s', (_, packages) => {
  function appModule(): Type {
    @(packages().common.Module({}))
    class AppModule {}
    return AppModule;
  }

  it('is that of a microservice', async () => {
    const strategy = new Strategy();
    const { NestFactory } = packages().core;
    const app = await NestFactory.createMicroservice(appModule(), { strategy, logger: false });
    expect(transportServerOf(app)).toBe(strategy);
    await app.close();
  });

  it('does not exist in an application context', async () => {
    const { NestFactory } = packages().core;
    const app = await NestFactory.createApplicationContext(appModule(), { logger: false });
    expect(transportServerOf(app)).toBeUndefined();
    await app.close();
  });
});
