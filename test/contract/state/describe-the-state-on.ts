import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE_EXAMPLES } from '../../fixtures/apps/state/cache.examples.js';
import { COUNTER_EXAMPLES } from '../../fixtures/apps/state/counter.examples.js';
import { EXPIRY_EXAMPLES } from '../../fixtures/apps/state/expiry.examples.js';
import { LOCK_EXAMPLES } from '../../fixtures/apps/state/lock.examples.js';
import { OBJECT_EXAMPLES } from '../../fixtures/apps/state/object.examples.js';
import { ONCE_EXAMPLES } from '../../fixtures/apps/state/once.examples.js';
import { THROTTLER_EXAMPLES } from '../../fixtures/apps/state/throttler.examples.js';
import { VALUE_EXAMPLES } from '../../fixtures/apps/state/value.examples.js';
import { Application } from '../../support/application.js';
import type { Backend, Backends } from '../backends.js';

const NAMES = [
  ...COUNTER_EXAMPLES,
  ...VALUE_EXAMPLES,
  ...EXPIRY_EXAMPLES,
  ...OBJECT_EXAMPLES,
  ...LOCK_EXAMPLES,
  ...CACHE_EXAMPLES,
  ...ONCE_EXAMPLES,
  ...THROTTLER_EXAMPLES,
].map(({ name }) => name);

/** Runs all examples on each of these backends: on all at the same time, because most examples wait. */
export function describeTheStateOn(backends: Backends): void {
  describe.concurrent.each(Object.keys(backends))('the shared state in %s', name => {
    let backend: Backend;
    let app: Application;

    beforeAll(async () => {
      backend = await backends[name]!();
      app = await Application.ready('state/conformance', { env: backend.env });
    });

    afterAll(async () => {
      app.signal('SIGTERM');
      const { code } = await app.exited;
      await app.end();
      await backend.stop?.();
      expect({ code, output: app.stderr }).toEqual({ code: 0, output: '' });
    });

    const post = async (path: string): Promise<string> => {
      // When it stops, the application would wait for a keep-alive connection.
      const headers = { connection: 'close' };
      return (await fetch(app.url(path), { method: 'POST', headers })).text();
    };

    it.sequential.each(NAMES)('%s', async example => {
      expect(await post(`/${encodeURIComponent(example)}`)).toBe('passed');
    });

    it.sequential('has its counters injected', async () => {
      for (const value of ['1', '2']) {
        expect(await post('/injected')).toBe(value);
      }
    });
  });
}
