import { afterEach, describe, expect, it } from 'vitest';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  ClusterConfigError,
  ClusterModule,
  type ClusterModuleOptions,
  clusterRole,
  ClusterService,
} from '../../src/index.js';

const silent = { log() {}, warn() {}, error() {} };

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function compiled(module: ReturnType<typeof ClusterModule.forRoot>): Promise<TestingModule> {
  app = await Test.createTestingModule({ imports: [module] })
    .setLogger(silent)
    .compile();
  return app.init();
}

describe('ClusterModule in a unit test', () => {
  it('works in the one process, whatever number of workers the code asks for', async () => {
    const service = (await compiled(ClusterModule.forRoot({ workers: 4 }))).get(ClusterService);
    expect(clusterRole()).toBe('single');
    expect(service.mode).toBe('single');
    expect(service.worker).toEqual({ slot: 0, generation: 0, id: 0, pid: process.pid });
    expect(await service.status()).toMatchObject({ wanted: 1, state: 'running' });
    expect(service.drainSignal.aborted).toBe(false);
  });

  it('aborts the drain signal when the application closes', async () => {
    const module = await compiled(ClusterModule.forRoot());
    const { drainSignal } = module.get(ClusterService);
    await module.close();
    app = undefined;
    expect(drainSignal.aborted).toBe(true);
  });

  it('rejects wrong options when the application is created, not when the file is loaded', async () => {
    const wrong = ClusterModule.forRoot({ workers: -1 });
    await expect(Test.createTestingModule({ imports: [wrong] }).compile()).rejects.toThrow(
      ClusterConfigError,
    );
  });

  it('takes options that other providers make', async () => {
    @Injectable()
    class Options {
      createClusterOptions(): ClusterModuleOptions {
        return { shutdown: { timeout: 5 } };
      }
    }
    const module = await compiled(ClusterModule.forRootAsync({ useClass: Options }));
    expect(module.get(ClusterService).mode).toBe('single');
  });

  it('listens to no signals: they belong to the test runner', async () => {
    const before = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
    await compiled(ClusterModule.forRoot());
    expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')).toBe(before);
  });
});
