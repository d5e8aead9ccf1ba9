import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import type { FakeWorkerProcess } from '../../../support/fakes/fake-worker-process.js';
import { CALM, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a worker that hangs', () => {
  it('is replaced, and killed when it is known where it hangs', async () => {
    host.stack = '    at spin (file:///app/main.js:1:2)';
    const supervisor = await host.started({
      CLUSTER_HEARTBEAT_INTERVAL: '1000',
      CLUSTER_HEARTBEAT_TIMEOUT: '5000',
    });
    const vitals = { memory: 1, requests: 2, eventLoopDelay: 3, ...CALM };
    await host.clock.advance(2_000);
    expect(supervisor.status().workers).toMatchObject([
      { heartbeatOverdue: 1_000 },
      { heartbeatOverdue: 1_000 },
    ]);
    host.forked.forEach(({ ipc }) => ipc.offer({ type: 'heartbeat', vitals }));
    await settle();
    expect(supervisor.status().workers[0]).not.toHaveProperty('heartbeatOverdue');
    for (let second = 0; second < 20; second++) {
      await host.clock.advance(1_000);
      host.forked[0]!.ipc.offer({ type: 'heartbeat', vitals });
      await settle();
      if (second < 5) {
        host.forked[1]!.ipc.offer({ type: 'heartbeat', vitals });
        await settle();
      }
    }
    expect(supervisor.status().workers[0]).toMatchObject({ state: 'ready', vitals });
    expect(host.forked[1]!.signals).toEqual(['SIGKILL']);
    expect(host.events.filter(({ type }) => type === 'workerExited')).toMatchObject([
      { reason: 'hung', slot: 1 },
    ]);
    expect(host.logged.join('\n')).toMatch(/did not send a heartbeat for 5\.0 s.*at spin/s);
    expect(host.forked[2]!.place.slot).toBe(1);
  });
});

/** More than the primary keeps. */
async function talkOn(worker: FakeWorkerProcess): Promise<void> {
  for (let line = 0; line < 80 && worker.stdout.write(Buffer.alloc(65_536, '.\n')); line++) {
    await settle();
  }
}

describe('a worker whose output is not read', () => {
  const env = { CLUSTER_HEARTBEAT_INTERVAL: '1000', CLUSTER_HEARTBEAT_TIMEOUT: '5000' };

  it('is not taken for hung, for as long as it may be waiting', async () => {
    const supervisor = await host.started(env);
    host.outputs.logs.stdout.stopReading();
    await talkOn(host.forked[0]!);
    expect(host.told('workerOutputPaused')).toMatchObject([{ slot: 0, stream: 'stdout' }]);
    expect(supervisor.status().workers[0]).toMatchObject({ isOutputPaused: true, serves: true });
    expect(supervisor.status().workers[1]).not.toHaveProperty('isOutputPaused');
    const { ipc } = host.forked[1]!;
    const vitals = { memory: 1, requests: 2, eventLoopDelay: 3, ...CALM };
    for (let second = 0; second < 60; second++) {
      await host.clock.advance(1_000);
      ipc.offer({ type: 'heartbeat', vitals });
      await settle();
    }
    expect(supervisor.status().workers[0]).not.toHaveProperty('heartbeatOverdue');
    expect(host.told('workerExited')).toEqual([]);

    host.outputs.logs.stdout.read();
    await settle();
    expect(host.told('workerOutputResumed')).toMatchObject([
      { slot: 0, stream: 'stdout', duration: 60_000 },
    ]);
    expect(supervisor.status().workers[0]).not.toHaveProperty('isOutputPaused');
    expect(host.logged.join('\n')).toContain('was not read for 60.0 s');
    await host.clock.advance(6_000);
    expect(host.told('workerExited')).toMatchObject([{ reason: 'hung' }, { reason: 'hung' }]);
  });

  it('has its time to boot for itself', async () => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1', CLUSTER_BOOT_TIMEOUT: '10000' });
    void supervisor.start();
    host.outputs.logs.stdout.stopReading();
    await talkOn(host.forked[0]!);
    await host.clock.advance(60_000);
    expect(host.forked[0]!.signals).toEqual([]);
    host.outputs.logs.stdout.read();
    await settle();
    await host.clock.advance(9_000);
    expect(host.forked[0]!.signals).toEqual([]);
    await host.clock.advance(1_000);
    expect(host.forked[0]!.signals).toEqual(['SIGKILL']);
  });

  it('is not kept waiting when it is to leave, and what is lost is counted', async () => {
    const supervisor = await host.started(env);
    host.outputs.logs.stdout.stopReading();
    await talkOn(host.forked[0]!);
    expect(supervisor.status().discardedOutput).toBe(0);
    supervisor.stop('SIGTERM');
    await settle();
    expect(host.told('workerOutputResumed')).toHaveLength(1);
    await talkOn(host.forked[0]!);
    expect(supervisor.status().discardedOutput).toBeGreaterThan(0);
    expect(host.told('workerOutputPaused')).toHaveLength(1);
  });
});
