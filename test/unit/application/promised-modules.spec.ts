import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  ClusterBus,
  ClusterModule,
  type Counter,
  InjectCounter,
  OnClusterEvent,
} from '../../../src/index.js';
import { eventually } from '../../support/eventually.js';

interface Feature {
  readonly counter: Counter;
  readonly received: unknown[];
}

let app: TestingModule | undefined;
let features = 0;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** Declares the classes of a feature, as a file that is loaded now. */
function feature(): { module: Type; service: Type<Feature>; topic: string } {
  const topic = `promised-modules.${++features}`;
  class Service implements Feature {
    readonly received: unknown[] = [];
    constructor(@InjectCounter(topic) readonly counter: Counter) {}

    @OnClusterEvent(topic)
    receive(event: unknown): void {
      this.received.push(event);
    }
  }
  @Module({ providers: [Service] })
  class FeatureModule {}
  return { module: FeatureModule, service: Service, topic };
}

async function start(imports: readonly unknown[]): Promise<TestingModule> {
  @Module({ imports: imports as DynamicModule[] })
  class AppModule {}
  app = await Test.createTestingModule({ imports: [AppModule] })
    .setLogger({ log() {}, warn() {}, error() {} })
    .compile();
  return app.init();
}

describe('A module that is a promise', () => {
  it.each([
    ['after', (late: unknown) => [ClusterModule.forRoot(), late]],
    ['before', (late: unknown) => [late, ClusterModule.forRoot()]],
    [
      'after the asynchronous',
      (late: unknown) => [ClusterModule.forRootAsync({ useFactory: () => ({}) }), late],
    ],
  ])('has its counters and its handlers, %s ClusterModule', async (_, importsWith) => {
    let loaded: ReturnType<typeof feature>;
    const late = delay(20).then(() => {
      loaded = feature();
      return loaded.module;
    });
    const module = await start(importsWith(late));
    const { counter, received } = module.get(loaded!.service, { strict: false });
    expect(await counter.increment()).toBe(1);
    await module.get(ClusterBus).publish(loaded!.topic, 'news');
    await eventually(
      () => received.length === 1,
      5_000,
      () => 'no event was received',
    );
  });
});
