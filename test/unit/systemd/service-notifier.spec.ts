import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../src/model/events/cluster-event.interface.js';
import type { HostStatus, WorkerStatus } from '../../../src/model/host-status.interface.js';
import {
  ServiceNotifier,
  type ServiceNotifierDependencies,
} from '../../../src/systemd/notify/service-notifier.js';
import { notifyService } from '../../../src/systemd/notify/notify-service.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

const mark = { generation: 1, pid: 1, at: 0 };
const started: ClusterEvent = { type: 'reloadStarted', ...mark };
const done: ClusterEvent = { type: 'reloadFinished', outcome: 'done', duration: 1, ...mark };
const failed: ClusterEvent = { ...done, outcome: 'failed', error: 'no' };

let clock: FakeClock;
let sent: string[][];
let warnings: string[];
let status: HostStatus;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  warnings = [];
  status = {
    state: 'running',
    hasStarted: false,
    ready: 0,
    wanted: 1,
    generation: 0,
    workers: [{ state: 'ready' } as WorkerStatus],
  } as unknown as HostStatus;
});

function notifier(changes: Partial<ServiceNotifierDependencies> = {}): ServiceNotifier {
  return new ServiceNotifier({
    send: async message => void sent.push([...message]),
    status: () => status,
    clock,
    microseconds: () => 7n,
    logger: { warn: (line: string) => void warnings.push(line) },
    watchdogInterval: undefined,
    ...changes,
  });
}

function become(changes: Partial<HostStatus>): void {
  status = { ...status, ...changes };
}

const ready = { hasStarted: true, ready: 1 };
const isAnnouncement = (line: string): boolean => /^(READY|RELOADING|STOPPING)=/.test(line);

describe('a notifier', () => {
  it('sends one message for several changes in one turn', async () => {
    const service = notifier();
    service.changed();
    become(ready);
    service.changed();
    await settle();
    expect(sent).toEqual([['READY=1', 'STATUS=1 of 1 worker ready, generation 0']]);
  });

  it('announces each of two reloads that follow each other in one turn', async () => {
    const service = notifier();
    become(ready);
    [started, done, started, failed].forEach(event => service.onEvent(event));
    await settle();
    expect(sent.flat().filter(isAnnouncement)).toEqual([
      'RELOADING=1',
      'READY=1',
      'RELOADING=1',
      'READY=1',
    ]);
    expect(sent.at(-1)).toContain(
      'STATUS=1 of 1 worker ready, generation 0; the last reload failed',
    );
  });

  it('extends the timeout for as long as a reload or a stop takes', async () => {
    const service = notifier();
    become(ready);
    service.onEvent(started);
    await clock.advance(25_000);
    expect(sent.slice(1)).toEqual([
      ['EXTEND_TIMEOUT_USEC=20000000'],
      ['EXTEND_TIMEOUT_USEC=20000000'],
    ]);
    service.onEvent(done);
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
    expect(sent).toHaveLength(4);

    become({ state: 'stopping' });
    service.changed();
    await settle();
    await clock.advance(10_000);
    expect(sent.slice(4)).toEqual([
      ['STOPPING=1', 'EXTEND_TIMEOUT_USEC=20000000', 'STATUS=Stopping: 1 worker is left'],
      ['EXTEND_TIMEOUT_USEC=20000000'],
    ]);
  });

  it('gives signs of life at once and in each interval', async () => {
    notifier({ watchdogInterval: 500 });
    await clock.advance(1_000);
    expect(sent).toEqual([['WATCHDOG=1'], ['WATCHDOG=1'], ['WATCHDOG=1']]);
  });

  it('sends in order, and skips what is outdated when its turn comes', async () => {
    const turns: (() => void)[] = [];
    const service = notifier({
      watchdogInterval: 500,
      send: message => {
        sent.push([...message]);
        return new Promise(resolve => turns.push(resolve));
      },
    });
    for (const count of [0, 1, 2]) {
      become({ ready: count, wanted: 4 });
      service.changed();
      await settle();
    }
    await clock.advance(1_000);
    become({ hasStarted: true, ready: 4 });
    service.changed();
    await settle();
    expect(sent).toEqual([['WATCHDOG=1']]);
    for (let turn = 0; turn < 4; turn++) {
      turns.at(turn)!();
      await settle();
    }
    expect(sent.slice(1)).toEqual([
      ['STATUS=Starting: 2 of 4 workers ready'],
      ['WATCHDOG=1'],
      ['READY=1', 'STATUS=4 of 4 workers ready, generation 0'],
    ]);
  });

  it('tries a message three times, then sends the next one, and warns once', async () => {
    let attempts = 0;
    const service = notifier({
      send: message => {
        attempts++;
        return message.includes('READY=1')
          ? Promise.reject(new Error('no access'))
          : (sent.push([...message]), Promise.resolve());
      },
    });
    become(ready);
    service.changed();
    await settle();
    become({ ready: 0 });
    service.changed();
    await settle();
    await clock.advance(5_000);
    expect(attempts).toBe(4);
    expect(sent).toEqual([['STATUS=0 of 1 worker ready, generation 0']]);
    expect(warnings).toEqual([expect.stringContaining('no access')]);
  });

  it('leaves no timer behind when it is closed', async () => {
    const service = notifier({ watchdogInterval: 500 });
    become({ ...ready, state: 'stopping' });
    service.changed();
    await settle();
    expect(clock.pending).toBe(2);
    service.close();
    expect(clock.pending).toBe(0);
  });

  it('exists only if the service manager asks for it', () => {
    const events = { listen: () => {} };
    const deps = { status: () => status, events, clock, logger: { warn: () => {} } };
    expect(notifyService({}, deps)).toBeUndefined();
    expect(notifyService({ NOTIFY_SOCKET: '' }, deps)).toBeUndefined();
    expect(notifyService({ NOTIFY_SOCKET: '@x' }, deps)).toBeInstanceOf(ServiceNotifier);
  });
});
