import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';

afterEach(() => Application.endAll());

/** For tests that do not measure how long the primary takes to give up. */
const SOON = { CLUSTER_RESTART_MAX_DELAY: '200' };

/** Where a logger prints what is fatal. */
const FATAL = process.env['TEST_NEST'] === '11' ? 'stdout' : 'stderr';

/** The lines on standard error, and those on standard output that tell of an error. */
const problemsOf = ({ stderr, stdout }: Application): readonly string[] => [
  ...stderr.split('\n').filter(line => line !== ''),
  ...stdout.split('\n').filter(line => /ERROR|FATAL|EADDRINUSE/.test(line)),
];

/** The number of times that `part` occurs in `text`. */
const occurrences = (text: string, part: string): number => text.split(part).length - 1;

describe('an application that cannot start', () => {
  it('throws at boot: its error is printed once, and the primary gives up without waiting long', async () => {
    const app = await Application.start('faults/throws-at-boot');
    expect(await app.exited).toEqual({ code: 1, signal: null });
    const exits = app.of('workerExited');
    const inSlot = (slot: number): readonly number[] =>
      exits.filter(exit => exit.slot === slot).map(({ uptime }) => uptime);
    const most = Math.max(inSlot(0).length, inSlot(1).length);
    expect(most).toBe(5);
    // The duration of a boot depends on the machine. All delays between boots add up to 1.5 s at most.
    const boots = Math.max(...[0, 1].map(slot => inSlot(slot).reduce((sum, one) => sum + one, 0)));
    expect(exits.at(-1)!.at - app.of('workerForked')[0]!.at - boots).toBeLessThan(5_000);
    expect(occurrences(app.output, 'Error: the database is not there\n    at')).toBe(1);
    expect(app[FATAL]).toMatch(
      /FATAL.*Gave up after \d failed boots in a row with no worker ready/,
    );
    expect(app[FATAL]).toMatch(/Last error: .*the database is not there/);
    expect(app.of('workerExited').every(({ reason }) => /boot-failed|killed/.test(reason))).toBe(
      true,
    );
    await app.noneLeft();
  });

  it.each([
    ['create', 'failed to boot: it exited with code 3'],
    ['listen', 'The Unix socket /not/there.sock cannot be opened'],
  ])(
    'catches the error of %s() and sets an exit code: its workers end soon with this code',
    async (step, line) => {
      const app = await Application.start('faults/catches-its-error', {
        env: { ...SOON, FAILS: step },
      });
      expect((await app.exited).code).toBe(1);
      const exits = app.of('workerExited');
      expect(exits.map(({ code }) => code)).toContain(3);
      // Far less than the boot may take.
      expect(Math.max(...exits.map(({ uptime }) => uptime))).toBeLessThan(20_000);
      expect(app.output).toContain(line);
      await app.noneLeft();
    },
  );

  it('catches the error of its boot, and reports it with a server that it opens later', async () => {
    const app = await Application.start('faults/reports-its-error');
    await app.until(() => app.count('workerForked') >= 2);
    const answer = (): Promise<string> =>
      fetch(app.url('/')).then(
        response => response.text(),
        () => '',
      );
    await eventually(
      async () => (await answer()).includes('the database is not there'),
      30_000,
      () => app.output,
    );
    expect(app.count('workerExited')).toBe(0);
  });

  it.each(['http/express', 'http/fastify'])(
    'finds its port in use: one line, and no further attempt (%s)',
    async fixture => {
      const squatter = createServer().listen(0, 'localhost');
      await once(squatter, 'listening');
      const { port } = squatter.address() as { port: number };
      const app = await Application.start('http/configured', {
        port,
        env: {
          FIXTURE: JSON.stringify({ fastify: fixture.endsWith('fastify'), host: 'localhost' }),
        },
      });
      expect(await app.exited).toEqual({ code: 1, signal: null });
      // The duration of a boot depends on the machine. There is no delay after the last one.
      expect(Date.now() - app.of('workerExited').at(-1)!.at).toBeLessThan(2_000);
      const cause = `FATAL \\[Cluster\\] Port ${port} is in use \\(EADDRINUSE\\): another process`;
      expect(problemsOf(app)).toEqual([expect.stringMatching(new RegExp(cause))]);
      expect(app[FATAL]).toMatch(new RegExp(cause));
      expect(app.count('workerForked')).toBe(2);
      squatter.close();
      await app.noneLeft();
    },
  );

  it('closes itself because its port is in use: the host ends all the same', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const app = await Application.start('faults/closes-at-boot', { port });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app[FATAL]).toMatch(/Port \d+ is in use \(EADDRINUSE\): .*the host exits/);
    expect(app.count('workerForked')).toBe(2);
    squatter.close();
    await app.noneLeft();
  });

  it.each([
    ['module', /cannot start \(missing module\): .*a-package-that-is-not-there.* the host exits/],
    ['syntax', /cannot start \(syntax error\): .* the host exits/],
    ['provider', /cannot start \(dependency injection\): Nest can't resolve .* the host exits/],
  ])('fails for a reason that cannot heal: no further attempt (%s)', async (fault, text) => {
    const app = await Application.start('faults/hopeless', {
      env: { FAULT: fault, CLUSTER_WORKERS: '1' },
    });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app[FATAL]).toMatch(text);
    expect(app.count('workerForked')).toBe(1);
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
      "CLUSTER_WORKERS must be 'auto' or a whole number from 0 to 1024, but got 'banana'.",
    ],
    [
      'an unknown option',
      'faults/unknown-option',
      {},
      'Unknown option `shutdown.timeOut`. Did you mean `shutdown.timeout`?',
    ],
    [
      'a URL that ioredis would refuse in each worker',
      'http/express',
      { CLUSTER_REDIS_URL: 'redis://:s3cret%b@host' },
      'CLUSTER_REDIS_URL must be a URL such as redis://:password@host:6379/0',
    ],
    ['a throwing useFactory', 'faults/throwing-factory', {}, 'Error: the vault is sealed'],
  ])('%s: one clear error, and nothing is forked', async (_, fixture, env, message) => {
    const app = await Application.start(fixture, { env });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(occurrences(app.output, message)).toBe(1);
    expect(app.output).not.toContain('s3cret');
    // The stack has no frames of this package (`dist`) or of Nest. An error of the application keeps its own frames.
    const frames = app.output.split('\n').filter(line => /^ {4}at /.test(line));
    const isOwn = message.startsWith('Error:');
    expect(isOwn ? [] : frames.filter(line => !line.includes('.test-build'))).toEqual([]);
    expect(app.events).toEqual([]);
    await app.noneLeft();
  });
});
