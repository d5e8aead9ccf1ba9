import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import type { FakeWorkerProcess } from '../../../support/fakes/fake-worker-process.js';
import { states, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a worker that fails to boot', () => {
  it('kills a worker that is not ready in time', async () => {
    const supervisor = host.supervise({ CLUSTER_BOOT_TIMEOUT: '5000' });
    void supervisor.start();
    await settle();
    await host.clock.advance(5_000);
    // Others may have come in their places already: after a random time, which may be none.
    const [one, other] = host.forked;
    expect([one, other].map(worker => worker?.signals)).toEqual([['SIGKILL'], ['SIGKILL']]);
    expect(host.events.filter(({ type }) => type === 'workerExited')).toMatchObject([
      { reason: 'boot-timeout' },
      { reason: 'boot-timeout' },
    ]);
  });

  it('gives up when nobody is ready and booting keeps failing', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    while (host.exits.length === 0) {
      host.forked.forEach(worker => worker.link.connected && worker.exit(1));
      await settle();
      await host.clock.advance(30_000);
    }
    expect(host.exits).toEqual([1]);
    expect(host.logged.join('\n')).toMatch(/Gave up after 5 failed boots in a row/);
    expect(host.clock.pending).toBe(0);
  });

  const portInUse = {
    type: 'bootFailed',
    failure: {
      code: 'EADDRINUSE',
      message: 'bind EADDRINUSE null:3000',
      address: { address: null, port: 3000 },
    },
  } as const;

  it('ends at once for a failure that cannot heal, in one line', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    host.forked[1]!.ipc.postNow(portInUse);
    await settle();
    expect(host.exits).toEqual([]);
    host.forked[1]!.exit(1);
    await settle();
    expect(host.exits).toEqual([]);
    host.forked[0]!.ipc.postNow(portInUse);
    await settle();
    host.forked[0]!.exit(1);
    await settle();
    expect(host.exits).toEqual([1]);
    expect(host.forked).toHaveLength(2);
    expect(host.logged.slice(1)).toEqual([
      expect.stringMatching(/^Port 3000 is in use \(EADDRINUSE\): .* the host exits$/),
    ]);
    expect(host.clock.pending).toBe(0);
  });

  it('goes on with such a failure in one slot if another worker becomes ready', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    host.forked[1]!.ipc.postNow(portInUse);
    await settle();
    host.forked[1]!.stderr.write('Error: bind EADDRINUSE null:3000\n');
    await settle();
    host.forked[1]!.exit(1);
    await host.clock.advance(5_000);
    expect([host.exits.length, host.forked.length]).toEqual([0, 2]);
    await host.forked[0]!.becomeReady();
    await host.clock.advance(200);
    expect([host.exits.length, host.forked.length]).toEqual([0, 3]);
    expect(host.forked[2]!.place.slot).toBe(1);
    expect(host.outputs.logs.stderr.text).toBe('Error: bind EADDRINUSE null:3000\n');
  });

  it.each([
    ['fails for another reason', async (worker: FakeWorkerProcess) => worker.exit(1)],
    ['is not ready in time', async () => host.clock.advance(60_000)],
  ])('ends for such a failure in one slot when the other worker %s', async (_, fail) => {
    const supervisor = host.supervise({ CLUSTER_BOOT_TIMEOUT: '60000' });
    void supervisor.start();
    await settle();
    host.forked[1]!.ipc.postNow(portInUse);
    await settle();
    host.forked[1]!.exit(1);
    await settle();
    expect(host.exits).toEqual([]);
    await fail(host.forked[0]!);
    await settle();
    expect([host.exits, host.forked.length]).toEqual([[1], 2]);
    expect(host.logged.at(-1)).toMatch(/^Port 3000 is in use/);
    expect(host.clock.pending).toBe(0);
  });

  it('stops while it waits for the others, and shows what such a worker has said', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    host.forked[1]!.ipc.postNow(portInUse);
    host.forked[1]!.stderr.write('Error: bind EADDRINUSE null:3000\n');
    await settle();
    host.forked[1]!.exit(1);
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    host.forked[0]!.exit(null, 'SIGTERM');
    await settle();
    expect([host.exits, host.forked.length]).toEqual([[0], 2]);
    expect(host.outputs.logs.stderr.text).toBe('Error: bind EADDRINUSE null:3000\n');
    expect(host.clock.pending).toBe(0);
  });

  it('does not give up for one slot before the other workers have had their chance', async () => {
    const supervisor = host.supervise({ CLUSTER_BOOT_TIMEOUT: '600000' });
    void supervisor.start();
    await settle();
    for (let failures = 0; failures < 8; failures++) {
      host.forked.at(-1)!.exit(1);
      await host.clock.advance(30_000);
    }
    expect(host.exits).toEqual([]);
    host.forked[0]!.exit(1);
    await settle();
    expect(host.exits).toEqual([1]);
    expect(host.logged.join('\n')).toMatch(/Gave up after 8 failed boots/);
  });

  it('ends in one line also if the boot took so long that it shows what it says', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    host.forked[0]!.stderr.write('waiting for the database\n');
    await host.clock.advance(10_000);
    host.forked[0]!.ipc.postNow(portInUse);
    await settle();
    host.forked[0]!.stderr.write('Error: bind EADDRINUSE null:3000\n    at listen\n');
    await settle();
    host.forked[0]!.exit(1);
    await settle();
    expect(host.exits).toEqual([1]);
    expect(host.outputs.logs.stderr.text).toBe('waiting for the database\n');
  });

  const lastWords =
    "node:events:1\n  throw\n  ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'\n\nNode.js v20.20.2\n";

  it('ends at once for what such a worker has said last', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    host.forked[0]!.stderr.write(lastWords);
    await settle();
    host.forked[0]!.exit(1);
    await settle();
    expect(host.exits).toEqual([1]);
    expect(host.logged.at(-1)).toMatch(
      /cannot start \(missing module\): .*Cannot find package 'x'/,
    );
  });

  it('does not take the words of a worker that was killed for its reason', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    host.forked[0]!.stderr.write(lastWords);
    await settle();
    host.forked[0]!.exit(null, 'SIGKILL');
    await host.clock.advance(200);
    expect(host.exits).toEqual([]);
    expect(host.forked).toHaveLength(2);
  });

  it('forgets such a failure when the worker listens all the same', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    host.forked[0]!.ipc.postNow(portInUse);
    await settle();
    host.forked[0]!.ipc.postNow({ type: 'listening', address: { address: null, port: 3001 } });
    await settle();
    host.forked[0]!.exit(1);
    await host.clock.advance(200);
    expect(host.exits).toEqual([]);
    expect(host.forked).toHaveLength(2);
  });

  it('replaces no worker that closes itself because of such a failure', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    host.forked[0]!.ipc.postNow(portInUse);
    void host.forked[0]!.ipc.ask('leave', 'close').catch(() => {});
    await settle();
    await host.clock.advance(1_000);
    expect(host.forked).toHaveLength(1);
    host.forked[0]!.exit(0);
    await settle();
    expect(host.exits).toEqual([1]);
  });

  it('goes on with such a failure once a worker has been ready', async () => {
    const supervisor = await host.started();
    host.forked.forEach(worker => worker.exit(1));
    await host.clock.advance(200);
    expect(host.forked).toHaveLength(4);
    host.forked[2]!.ipc.postNow(portInUse);
    await settle();
    host.forked[2]!.exit(1);
    await settle();
    expect(host.exits).toEqual([]);
    const reasons = supervisor.status().workers.map(({ lastExit }) => lastExit?.reason);
    expect(reasons).toContain('boot-failed');
  });

  it('takes no notice of a failure that did not end the worker', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    host.forked[0]!.ipc.postNow(portInUse);
    await host.forked[0]!.becomeReady();
    await settle();
    host.forked[0]!.exit(1);
    await host.clock.advance(200);
    expect(host.exits).toEqual([]);
    expect(host.forked).toHaveLength(2);
  });

  it('does not give up while one worker is ready', async () => {
    const supervisor = await host.started();
    for (let failures = 0; failures < 10; failures++) {
      host.forked.at(-1)!.exit(1);
      await settle();
      await host.clock.advance(30_000);
    }
    expect(host.exits).toEqual([]);
    expect(states(supervisor)[0]).toEqual([0, 'ready']);
  });
});
