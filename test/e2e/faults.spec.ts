import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Application } from '../support/application.js';

afterEach(() => Application.endAll());

/** Where it is not about how long a primary takes to give up. */
const SOON = { CLUSTER_RESTART_MAX_DELAY: '200' };

/** How often a text stands in another. */
const occurrences = (text: string, part: string): number => text.split(part).length - 1;

describe('an application that cannot start', () => {
  it('throws at boot: its error is printed once, and the primary gives up within seconds', async () => {
    const app = await Application.start('faults/throws-at-boot');
    const begun = Date.now();
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(Date.now() - begun).toBeLessThan(20_000);
    expect(occurrences(app.output, 'Error: the database is not there\n    at')).toBe(1);
    expect(app.stderr).toMatch(
      /FATAL.*Gave up after \d failed boots in a row with no worker ready/,
    );
    expect(app.stderr).toMatch(/The last one said: .*the database is not there/);
    expect(app.of('workerExited').every(({ reason }) => /boot-failed|killed/.test(reason))).toBe(
      true,
    );
    await app.noneLeft();
  });

  it.each(['http/express', 'http/fastify'])(
    'finds its port in use: one clear error (%s)',
    async fixture => {
      const squatter = createServer().listen(0, 'localhost');
      await once(squatter, 'listening');
      const { port } = squatter.address() as { port: number };
      const app = await Application.start('http/configured', {
        port,
        env: {
          FIXTURE: JSON.stringify({ fastify: fixture.endsWith('fastify'), host: 'localhost' }),
          ...SOON,
        },
      });
      expect(await app.exited).toEqual({ code: 1, signal: null });
      expect(app.stderr).toMatch(/The last one said: .*EADDRINUSE/);
      expect(occurrences(app.stderr, '\n    at ')).toBeLessThan(20);
      squatter.close();
      await app.noneLeft();
    },
  );

  it('closes itself because its port is in use: the primary gives up all the same', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const app = await Application.start('faults/closes-at-boot', { port, env: SOON });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app.stderr).toMatch(/Gave up after 5 failed boots.*EADDRINUSE/);
    squatter.close();
    await app.noneLeft();
  });

  it('is not ready in time: it is killed, and the primary gives up', async () => {
    const app = await Application.start('faults/hangs-at-boot', {
      env: { CLUSTER_BOOT_TIMEOUT: '1000', CLUSTER_RESTART_GIVE_UP_AFTER: '2' },
    });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app.of('workerExited').map(({ reason }) => reason)).toContain('boot-timeout');
    expect(app.stderr).toMatch(
      /was not ready within 1\.\d s \(boot\.timeout\) and was killed: its application did not listen/,
    );
    await app.noneLeft();
  });

  it('has one slot that never boots: the healthy ones serve on', async () => {
    const app = await Application.start('faults/one-bad-slot', {
      env: SOON,
    });
    await app.until(() => app.count('workerExited') > 6 && app.count('workerReady') === 1);
    expect((await fetch(app.url('/'))).status).toBe(404);
    expect(occurrences(app.stderr, 'Error: slot 1 is cursed\n')).toBe(1);
  });
});

describe('options that are wrong', () => {
  it.each([
    [
      'a nonsense CLUSTER_WORKERS',
      'http/express',
      { CLUSTER_WORKERS: 'banana' },
      "CLUSTER_WORKERS takes 'auto' or a whole number from 0 to 1024, but got 'banana'.",
    ],
    [
      'an unknown option',
      'faults/unknown-option',
      {},
      'Unknown option `shutdown.timeOut`. Did you mean `shutdown.timeout`?',
    ],
    ['a throwing useFactory', 'faults/throwing-factory', {}, 'Error: the vault is sealed'],
  ])('%s: one clear error, and nothing is forked', async (_, fixture, env, message) => {
    const app = await Application.start(fixture, { env });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(occurrences(app.output, message)).toBe(1);
    expect(app.events).toEqual([]);
    await app.noneLeft();
  });
});
