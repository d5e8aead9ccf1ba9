import { beforeEach, describe, expect, it } from 'vitest';
import { CommandQueue } from '../../../src/supervisor/commands/command-queue.js';
import { HostShutdown } from '../../../src/supervisor/host-shutdown.js';
import type { Workforce } from '../../../src/supervisor/workers/workforce.js';
import { Conditions } from '../../../src/system/async/conditions.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

class FakeWorker {
  readonly orders: unknown[] = [];

  drain(terms: unknown, signal: unknown): void {
    this.orders.push([terms, signal]);
  }

  kill(reason: unknown): void {
    this.orders.push(reason);
  }
}

let clock: FakeClock;
let worker: FakeWorker;
let workers: FakeWorker[];
let changes: Conditions;
let exits: number[];
let logged: string[];
let closings: number[];
let begins: number;

beforeEach(() => {
  clock = new FakeClock();
  worker = new FakeWorker();
  workers = [worker];
  changes = new Conditions(clock);
  exits = [];
  logged = [];
  closings = [];
  begins = 0;
});

function log(text: string): void {
  logged.push(text);
}

function shutdownWith({ readinessDelay = 0, interactive = false } = {}): HostShutdown {
  const shutdown = new HostShutdown({
    options: { timeout: 10_000, readinessDelay },
    workforce: {
      changes,
      get workers() {
        return workers;
      },
      get readyCount() {
        return workers.length;
      },
      get isEmpty() {
        return workers.length === 0;
      },
    } as unknown as Workforce,
    commands: new CommandQueue(),
    clock,
    exit: code => void exits.push(code),
    logger: { log, warn: log, fatal: log },
    interactive,
    closePort: async timeout => void closings.push(timeout),
  });
  shutdown.onBegin(() => begins++);
  return shutdown;
}

async function leave(): Promise<void> {
  workers = [];
  changes.check();
  await settle();
}

describe('HostShutdown', () => {
  it('closes the port, drains the workers, and exits when all have left', async () => {
    const shutdown = shutdownWith();
    void shutdown.drainAll('SIGTERM');
    void shutdown.drainAll('SIGINT');
    await settle();
    expect([begins, closings]).toEqual([1, [2_000]]);
    expect(worker.orders).toEqual([[{ cause: 'stop', timeout: 10_000 }, 'SIGTERM']]);
    expect(exits).toEqual([]);
    await leave();
    expect(exits).toEqual([0]);
  });

  it('drains after the readiness delay, within what is left of the timeout', async () => {
    void shutdownWith({ readinessDelay: 4_000 }).drainAll('SIGTERM');
    await clock.advance(3_999);
    expect([closings, worker.orders]).toEqual([[], []]);
    await clock.advance(1);
    expect(worker.orders).toEqual([[{ cause: 'stop', timeout: 6_000 }, 'SIGTERM']]);
  });

  it.each([
    ['left', 0],
    ['killed', 0],
    ['drain-timeout', 1],
  ] as const)('exits after a worker that ended as %s with code %d', async (reason, code) => {
    const shutdown = shutdownWith();
    void shutdown.drainAll('SIGTERM');
    await settle();
    shutdown.noteExit(reason);
    await leave();
    expect(exits).toEqual([code]);
  });

  it('does not count workers that exited before the stop', async () => {
    const shutdown = shutdownWith();
    shutdown.noteExit('crashed');
    void shutdown.drainAll('SIGTERM');
    await settle();
    await leave();
    expect(exits).toEqual([0]);
  });

  it('kills all workers on a second signal, and exits with its code', async () => {
    const shutdown = shutdownWith();
    void shutdown.drainAll('SIGTERM');
    await settle();
    shutdown.killAll(143);
    expect(worker.orders.at(-1)).toBe('killed');
    await leave();
    expect(exits).toEqual([143]);
  });

  it('ends a host that cannot serve with code 1', async () => {
    shutdownWith().giveUp('no worker can boot');
    await settle();
    expect([logged, worker.orders, exits]).toEqual([['no worker can boot'], ['killed'], []]);
    await leave();
    expect(exits).toEqual([1]);
  });

  it('gives a worker that leaves alone the whole timeout, and its own cause', () => {
    expect(shutdownWith().terms('scale')).toEqual({ cause: 'scale', timeout: 10_000 });
    expect(shutdownWith({ interactive: true }).terms('scale')).toMatchObject({ idleTimeout: 500 });
  });
});
