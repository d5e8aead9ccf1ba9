import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Application, RECORD_ACCEPTED } from '../support/application.js';
import { BlockedProcess } from '../support/blocked-process.js';
import { Load } from '../support/load.js';
import { nodeBinary } from '../support/node-binary.js';

afterEach(() => Promise.all([Application.endAll(), BlockedProcess.endAll()]));

describe.each([20, 22, 24, 26])('on Node %d', major => {
  let node: string;

  beforeAll(async () => {
    node = await nodeBinary(major);
  }, 120_000);

  it('a stop under load answers every request that was accepted', async () => {
    const app = await Application.ready('http/express', { node, nodeArgs: RECORD_ACCEPTED });
    const load = new Load(app.url('/hello?ms=20'), { keepAlive: 16, oneShot: 16 });
    await load.untilAnswered(300);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(await load.stop(app.accepted)).toMatchObject({ cut: 0, hung: 0, failed: 0 });
    expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }, { inFlight: 0 }]);
    await app.noneLeft();
  });

  it('a killed worker leaves no client hanging', async () => {
    const app = await Application.ready('http/express', { node });
    const load = new Load(app.url('/hello?ms=5'), { oneShot: 32 });
    await load.untilAnswered(300);
    process.kill(app.of('workerReady')[0]!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 3);
    await load.untilAnswered(load.report.answered + 200);
    expect(await load.stop()).toMatchObject({ refused: 0, hung: 0, failed: 0 });
  });

  it.each(['calls', 'regular-expression', 'waiting'])(
    'a blocked process tells where it is: in %s',
    async fixture => {
      const blocked = await BlockedProcess.start(`test/fixtures/blocked/${fixture}.mjs`, { node });
      const stack = await blocked.readStack();
      expect(stack).toMatch(
        new RegExp(`^    at .*\\n    at .*/${fixture}\\.mjs:\\d+:\\d+\\)?$`, 's'),
      );
      await blocked.end();
      expect(blocked.printed).toBe('');
    },
  );

  const canIgnore = major >= 22;

  it(`a blocked process ${canIgnore ? 'that shall ignore SIGUSR1 is left alone' : 'cannot ignore SIGUSR1'}`, async () => {
    const blocked = await BlockedProcess.start('test/fixtures/blocked/waiting.mjs', {
      node,
      nodeArgs: canIgnore ? ['--disable-sigusr1'] : [],
    });
    const stack = await blocked.readStack(canIgnore ? 500 : 10_000);
    expect(stack === undefined).toBe(canIgnore);
    expect(blocked.stderr.readableEnded).toBe(false);
  });

  const reusePort = major >= 22 && process.platform === 'linux';

  it(`reuse-port ${reusePort ? 'gives each worker a socket of its own' : 'is refused with the remedy'}`, async () => {
    const app = await Application.start('http/express', {
      node,
      env: { CLUSTER_SCHEDULING: 'reuse-port' },
    });
    if (!reusePort) {
      expect(await app.exited).toEqual({ code: 1, signal: null });
      expect(app.stderr).toMatch(
        /ClusterConfigError: CLUSTER_SCHEDULING must be 'round-robin' or 'shared'/,
      );
      expect(app.events).toEqual([]);
      return;
    }
    await app.until(() => app.count('workerReady') === 2);
    expect(app.of('workerListening')).toMatchObject([
      { address: { port: app.port } },
      { address: { port: app.port } },
    ]);
    const migrates = await readFile('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').catch(() => '0');
    expect(app.stdout + app.stderr).toMatch(
      migrates.trim() === '1' ? /reuse-port/ : /sysctl -w net\.ipv4\.tcp_migrate_req=1/,
    );
    const inFlight = Array.from({ length: 16 }, () => fetch(app.url('/hello?ms=1000')));
    await fetch(app.url('/worker'), { headers: { connection: 'close' } });
    app.signal('SIGTERM');
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  it.runIf(reusePort)('reuse-port gives a port to one host', async () => {
    const env = { CLUSTER_SCHEDULING: 'reuse-port' };
    const app = await Application.ready('http/fastify', { node, env });
    const second = await Application.start('http/fastify', { node, env, port: app.port });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.stdout + second.stderr).toContain(`Port ${app.port} is in use (EADDRINUSE)`);
    expect(second.count('workerListening')).toBe(0);
    // Each worker is killed with an open connection, so that the kernel still knows the port.
    const load = new Load(app.url('/hello?ms=5'), { keepAlive: 8 });
    await load.untilAnswered(100);
    app.of('workerReady').forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    await app.until(() => app.count('workerReady') === 4);
    app.signal('SIGHUP');
    await app.until(() => app.count('workerReady') === 6);
    await load.stop();
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    const successor = await Application.ready('http/fastify', { node, env, port: app.port });
    successor.signal('SIGTERM');
    expect(await successor.exited).toEqual({ code: 0, signal: null });
  });

  const hasCompileCache = major >= 22;

  it(`${hasCompileCache ? 'the workers share one' : 'there is no'} compile cache, which only their user can write`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
    // Node's default cache directory, which may belong to another user.
    const shared = join(directory, 'node-compile-cache');
    await mkdir(shared);
    const app = await Application.ready('http/express', {
      node,
      env: { TMPDIR: directory, XDG_CACHE_HOME: directory },
    });
    app.signal('SIGTERM');
    await app.exited;
    const cache = join(directory, 'nestjs-cluster', 'compile-cache');
    const [ofVersion, ...others] = await readdir(cache).catch(() => []);
    const nested = ofVersion === undefined ? [] : await readdir(join(cache, ofVersion));
    const mode = hasCompileCache ? (await stat(cache)).mode & 0o777 : undefined;
    const taken = await readdir(shared);
    await rm(directory, { recursive: true });
    expect(taken).toEqual([]);
    expect(others).toEqual([]);
    expect(nested).not.toContain(ofVersion);
    expect(nested.length > 0).toBe(hasCompileCache);
    expect(mode).toBe(hasCompileCache ? 0o700 : undefined);
  });
});
