import { afterEach, describe, expect, it } from 'vitest';
import { Test, type TestingModule } from '@nestjs/testing';
import { ClusterBus, ClusterModule, defineTopic, OnClusterEvent } from '../../src/index.js';
import { resolveOptions } from '../../src/config/resolve-options.js';

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** What the type check of this file proves, and what happens. */
describe('An option of the bus or of Redis that is undefined', () => {
  const value = undefined;
  const topic = defineTopic<number>('undefined-options', {
    durable: { maxLength: value, maxAge: value, maxBytes: value },
    retain: value,
  });

  it('is as one that is left out, in calls', async () => {
    app = await Test.createTestingModule({ imports: [ClusterModule.forRoot()] }).compile();
    const bus = app.get(ClusterBus);
    const received = new Promise(resolve => {
      void bus
        .subscribe(topic, resolve, {
          group: 'g',
          concurrency: value,
          timeout: value,
          retries: 2,
          backoff: value,
          deadLetter: value,
          onGap: value,
          durable: value,
          retain: value,
        })
        .then(() => bus.publish(topic, 5, { self: value, durable: value, retain: value }));
    });
    expect(await received).toBe(5);
    expect(await bus.durableTopics('undefined-options')).toHaveLength(1);
    expect(await bus.ask('undefined-question', 1, { timeout: value })).toMatchObject({
      replies: [],
    });
  });

  it('is as one that is left out, in decorators', () => {
    class Handler {
      handle(): void {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(Handler.prototype, 'handle')!;
    const decorate = OnClusterEvent(topic, {
      group: 'g',
      retries: 2,
      onGap: value,
      durable: value,
      concurrency: value,
    });
    expect(() => decorate(Handler.prototype, 'handle', descriptor as never)).not.toThrow();
  });

  it('is as one that is left out, in connection options', () => {
    const given = { host: 'localhost', port: value, username: value, password: value, db: value };
    const redis = { ...given, path: value, tls: value, sentinels: value, name: value };
    expect(resolveOptions({ redis: { ...redis, cluster: value } })).toMatchObject({
      redis: { host: 'localhost' },
    });
  });
});
