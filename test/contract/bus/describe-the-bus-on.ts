import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../fixtures/apps/bus/examples.js';
import { RemoteBus } from '../../support/remote-bus.js';
import { ASK_EXAMPLES } from './ask.examples.js';
import { DECORATOR_EXAMPLES } from './decorator.examples.js';
import { DELIVERY_EXAMPLES } from './delivery.examples.js';
import type { Example } from './example.js';
import { GROUP_EXAMPLES } from './group.examples.js';
import { KEPT_EXAMPLES } from './kept.examples.js';
import { REPLACEMENT_EXAMPLES } from './replacement.examples.js';
import type { Backend, Backends } from '../backends.js';

const OF_ALL = [
  ...DELIVERY_EXAMPLES,
  ...GROUP_EXAMPLES,
  ...ASK_EXAMPLES,
  ...KEPT_EXAMPLES,
  ...DECORATOR_EXAMPLES,
];

const WORKERS = 3;

/** Runs all examples on each of these backends: on all at the same time, because many examples wait. */
export function describeTheBusOn(backends: Backends): void {
  describe.concurrent.each(Object.keys(backends))('the bus on %s', name => {
    const isSingle = name.includes('single mode');
    // The replacement examples take long, and do not depend on how the client connects to Redis.
    const hasReplacements = ['from worker processes', 'Redis server', 'Redis Cluster'].some(end =>
      name.endsWith(end),
    );
    let backend: Backend;
    let bus: RemoteBus;

    beforeAll(async () => {
      backend = await backends[name]!();
      bus = await RemoteBus.ready({
        env: {
          ...backend.env,
          CLUSTER_WORKERS: String(isSingle ? 0 : WORKERS),
          // Publications must not time out on a busy machine.
          CLUSTER_BUS_TIMEOUT: '10000',
        },
      });
    }, 120_000);

    afterAll(async () => {
      const { app } = bus;
      app.signal('SIGTERM');
      const { code } = await app.exited;
      await app.end();
      await backend.stop?.();
      expect({ code, unhandled: app.noted('unhandled') }).toEqual({ code: 0, unhandled: [] });
    });

    it.sequential.each(EXAMPLES.map(example => example.name))('%s', async example => {
      expect(await bus.members[0]!.call('run', example, `k-${randomUUID()}`)).toBe('');
    });

    const ofWorkers = hasReplacements ? REPLACEMENT_EXAMPLES : [];
    it.sequential.each([...OF_ALL, ...ofWorkers].map(example => [example.name, example] as const))(
      '%s',
      async (_: string, example: Example) => {
        await example.run({ bus, members: bus.members, key: `k-${randomUUID()}` });
      },
    );
  });
}
