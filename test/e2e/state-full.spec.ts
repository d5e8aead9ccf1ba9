import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';

afterEach(() => Application.endAll());

describe('a primary with a small heap', () => {
  it.each([
    ['1', '64', '50%'],
    // This process also runs the application, whose in-flight calls take 10 MB or more.
    ['0', '128', '24mb'],
  ])(
    'survives more than fits into it, and callers are told: %s workers',
    async (workers, heap, maxMemory) => {
      const app = await Application.start('state/hoard', {
        env: { CLUSTER_WORKERS: workers, CLUSTER_STATE_MAX_MEMORY: maxMemory },
        nodeArgs: [`--max-old-space-size=${heap}`],
      });
      await app.until(() => app.noted('room').length > 0, 100_000);
      const [hoard] = app.noted('hoard');
      const { events, values } = hoard as unknown as Record<string, Record<string, number>>;
      for (const [ends, count] of [
        [events, 600],
        [values, 120],
      ] as const) {
        const { done = 0, CLUSTER_STATE_FULL: refused = 0 } = ends!;
        expect(refused).toBeGreaterThan(0);
        expect(done + refused).toBe(count);
      }
      expect(events!['done']).toBeGreaterThan(50);
      expect(hoard).toMatchObject({ visits: 2, refusedAgain: 'CLUSTER_STATE_FULL' });
      expect(app.noted('room')).toMatchObject([{ stored: 'done' }]);
      expect(app.count('workerExited')).toBe(0);
      await app.until(() => app.count('workerReady') > 0);
      app.signal('SIGTERM');
      expect(await app.exited).toMatchObject({ code: 0 });
    },
    120_000,
  );
});
