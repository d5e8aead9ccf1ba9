import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Supervisor } from '../../../../src/supervisor/supervisor.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { becomeReady, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Workers are told to drain some time after the stop has begun, as the port takes time to close. */
const DELAYED = { CLUSTER_SHUTDOWN_READINESS_DELAY: '5000' };

function reloadTwice(supervisor: Supervisor): void {
  supervisor.reload();
  supervisor.reload();
}

/** Restarts the worker of slot 0; the stop of the host ends that. */
async function restart({ commands }: Supervisor): Promise<void> {
  await commands.restarting.of(0).catch(() => {});
}

describe('a stop', () => {
  it('stops: closes the port, drains all side by side, and exits with 0', async () => {
    const supervisor = await host.started();
    supervisor.stop('SIGTERM');
    expect(supervisor.status().state).toBe('stopping');
    await settle();
    expect(host.portClosed).toBe(true);
    expect(host.forked.map(({ drainOrders }) => drainOrders)).toEqual([
      [{ type: 'drain', cause: 'stop', timeout: 25_000, signal: 'SIGTERM' }],
      [{ type: 'drain', cause: 'stop', timeout: 25_000, signal: 'SIGTERM' }],
    ]);
    host.forked.forEach(worker => worker.exit(0));
    await settle();
    expect(host.exits).toEqual([0]);
    expect(host.clock.pending).toBe(0);
  });

  it('serves on for the readiness delay, which is part of the budget', async () => {
    const supervisor = await host.started(DELAYED);
    supervisor.stop('SIGTERM');
    await host.clock.advance(4_999);
    expect(host.portClosed).toBe(false);
    await host.clock.advance(1);
    expect(host.forked[0]!.drainOrders).toMatchObject([{ timeout: 20_000 }]);
  });

  it('kills what has not left at the end of the budget, and exits with 1', async () => {
    const supervisor = await host.started();
    supervisor.stop('SIGTERM');
    await settle();
    host.forked[0]!.exit(0);
    await host.clock.advance(25_000);
    expect(host.forked[1]!.signals).toEqual(['SIGKILL']);
    expect(host.exits).toEqual([1]);
  });

  it('kills at once on a second signal', async () => {
    const supervisor = await host.started();
    supervisor.stop('SIGINT');
    await settle();
    supervisor.stopAtOnce(130);
    await settle();
    expect(host.exits).toEqual([130]);
  });

  it('forgets about replacements when it stops', async () => {
    const supervisor = await host.started();
    host.forked[0]!.exit(1);
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    host.forked[1]!.exit(0);
    await settle();
    expect(host.exits).toEqual([0]);
    await host.clock.advance(60_000);
    expect(host.forked).toHaveLength(2);
  });

  it('ends booting workers by a signal: they may not listen yet', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    expect(host.forked.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM']]);
    host.forked.forEach(worker => worker.exit(null, 'SIGTERM'));
    await settle();
    expect(host.exits).toEqual([0]);
  });

  it.each([
    ['a reload', (supervisor: Supervisor) => supervisor.reload()],
    ['a reload that another one follows', reloadTwice],
    ['scaling up', (supervisor: Supervisor) => supervisor.scaleBy(1)],
    ['a restart', (supervisor: Supervisor) => void restart(supervisor)],
  ])('ends the booting worker of %s as any other one', async (_, command) => {
    const supervisor = await host.started(DELAYED);
    command(supervisor);
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    await host.clock.advance(5_000);
    const [one, other, booting] = host.forked;
    expect([host.forked.length, booting!.signals]).toEqual([3, ['SIGTERM']]);
    booting!.exit(null, 'SIGTERM');
    [one, other].forEach(worker => worker!.exit(0));
    await settle();
    expect(host.exits).toEqual([0]);
    expect(host.told('workerExited').map(event => 'reason' in event && event.reason)).toEqual([
      'left',
      'left',
      'left',
    ]);
  });

  it('lets the booting worker of a reload boot on during the readiness delay', async () => {
    const supervisor = await host.started(DELAYED);
    supervisor.reload();
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    await becomeReady(host.forked[2]);
    await host.clock.advance(5_000);
    expect([host.forked[2]!.signals, host.forked[2]!.drainOrders.length]).toEqual([[], 1]);
  });

  it('tells within which time a worker should have left', async () => {
    const supervisor = await host.started({ CLUSTER_SHUTDOWN_TIMEOUT: '6000' });
    await host.clock.advance(60_000);
    supervisor.stop('SIGTERM');
    await settle();
    host.forked[0]!.exit(0);
    await host.clock.advance(6_000);
    expect(host.events.at(-1)).toMatchObject({ reason: 'drain-timeout', budget: 6_000 });
    expect(host.logged.join('\n')).toContain(
      'did not exit within 6.0 s (shutdown.timeout) and was killed',
    );
  });

  it('exits with 0 from a clean stop, whatever had to be killed before', async () => {
    const supervisor = await host.started();
    void host.forked[1]!.ipc.ask('leave', 'close').catch(() => {});
    await settle();
    await host.clock.advance(25_050);
    expect(host.forked[1]!.signals).toEqual(['SIGKILL']);
    supervisor.stop('SIGTERM');
    await settle();
    host.forked.forEach(worker => worker.link.connected && worker.exit(0));
    await settle();
    expect(host.exits).toEqual([0]);
  });

  it('takes a signal to a worker for one to the host if the host gets it too', async () => {
    const supervisor = await host.started();
    const terms = host.forked[1]!.askToLeave();
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    expect(await terms).toEqual({ cause: 'stop', timeout: 25_000 });
    expect(host.forked).toHaveLength(2);
  });

  it('lets a worker that asks to leave during a stop wait for the port to close', async () => {
    const supervisor = await host.started({ CLUSTER_SHUTDOWN_READINESS_DELAY: '5000' });
    supervisor.stop('SIGTERM');
    let answered = false;
    const terms = host.forked[1]!.askToLeave().finally(() => (answered = true));
    await host.clock.advance(4_999);
    expect(answered).toBe(false);
    await host.clock.advance(1);
    expect(await terms).toEqual({ cause: 'stop', timeout: 20_000 });
    expect(host.portClosed).toBe(true);
  });
});
