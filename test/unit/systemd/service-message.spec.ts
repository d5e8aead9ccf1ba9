import { describe, expect, it } from 'vitest';
import type { HostStatus, WorkerStatus } from '../../../src/model/host-status.interface.js';
import {
  type ReloadFacts,
  type ServiceFacts,
  serviceFacts,
} from '../../../src/systemd/notify/service-facts.js';
import { extensionOf, serviceMessage } from '../../../src/systemd/notify/service-message.js';

const NO_RELOAD: ReloadFacts = { isUnderWay: false, hasFailed: false };

function facts(changes: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    phase: 'ready',
    ready: 4,
    wanted: 4,
    generation: 2,
    running: 4,
    hasFailedReload: false,
    ...changes,
  };
}

function status(changes: Partial<HostStatus> = {}): HostStatus {
  const worker = { state: 'ready' } as WorkerStatus;
  return {
    state: 'running',
    generation: 0,
    wanted: 2,
    ready: 2,
    hasStarted: true,
    workers: [worker, worker],
    ...changes,
  } as HostStatus;
}

describe('the facts about a service', () => {
  it.each([
    ['starting until all workers have been ready', { hasStarted: false }, NO_RELOAD, 'starting'],
    ['ready', {}, NO_RELOAD, 'ready'],
    ['ready when a worker has crashed later', { ready: 1 }, NO_RELOAD, 'ready'],
    ['reloading', {}, { isUnderWay: true, hasFailed: false }, 'reloading'],
    [
      'starting if it reloads before it was ever ready',
      { hasStarted: false },
      { isUnderWay: true, hasFailed: false },
      'starting',
    ],
    [
      'stopping, whatever else it does',
      { state: 'stopping', hasStarted: false },
      { isUnderWay: true, hasFailed: false },
      'stopping',
    ],
  ] as const)('say that the host is %s', (_, changes, reload, phase) => {
    expect(serviceFacts(status(changes), reload).phase).toBe(phase);
  });

  it('count no more ready workers than are wanted, and no slot without a worker as running', () => {
    const workers = [{ state: 'draining' }, { state: 'exited' }] as WorkerStatus[];
    const all = serviceFacts(status({ ready: 3, workers }), NO_RELOAD);
    expect(all).toMatchObject({ ready: 2, wanted: 2, running: 1 });
  });
});

describe('a message to the service manager', () => {
  it('has only a status while the host starts', () => {
    const starting = facts({ phase: 'starting', ready: 2 });
    expect(serviceMessage(undefined, starting, 5n)).toEqual([
      'STATUS=Starting: 2 of 4 workers ready',
    ]);
  });

  it('says that the service is ready', () => {
    expect(serviceMessage(facts({ phase: 'starting' }), facts(), 5n)).toEqual([
      'READY=1',
      'STATUS=4 of 4 workers ready, generation 2',
    ]);
  });

  it('is only the new status if a worker comes or goes', () => {
    expect(serviceMessage(facts(), facts({ ready: 3 }), 5n)).toEqual([
      'STATUS=3 of 4 workers ready, generation 2',
    ]);
  });

  it('is empty if nothing has changed that the status shows', () => {
    expect(serviceMessage(facts(), facts({ running: 5 }), 5n)).toEqual([]);
  });

  it('dates the beginning of a reload, and extends its timeout', () => {
    const reloading = facts({ phase: 'reloading', generation: 3 });
    expect(serviceMessage(facts(), reloading, 1_234_567n)).toEqual([
      'RELOADING=1',
      'MONOTONIC_USEC=1234567',
      'EXTEND_TIMEOUT_USEC=20000000',
      'STATUS=Reloading to generation 3: 4 of 4 workers ready',
    ]);
  });

  it('says that the service is ready after a reload, and that this has failed', () => {
    const reloading = facts({ phase: 'reloading', generation: 3 });
    expect(serviceMessage(reloading, facts({ hasFailedReload: true }), 5n)).toEqual([
      'READY=1',
      'STATUS=4 of 4 workers ready, generation 2; the last reload failed',
    ]);
  });

  it('says that the service stops, and extends its timeout', () => {
    expect(serviceMessage(facts(), facts({ phase: 'stopping' }), 5n)).toEqual([
      'STOPPING=1',
      'EXTEND_TIMEOUT_USEC=20000000',
      'STATUS=Stopping: 4 workers are left',
    ]);
    expect(
      serviceMessage(facts({ phase: 'stopping' }), facts({ phase: 'stopping', running: 1 }), 5n),
    ).toEqual(['STATUS=Stopping: 1 worker is left']);
  });

  it('speaks of one worker', () => {
    const one = facts({ ready: 1, wanted: 1 });
    expect(serviceMessage(undefined, one, 5n)).toEqual([
      'READY=1',
      'STATUS=1 of 1 worker ready, generation 2',
    ]);
  });
});

describe('an extension of the timeout', () => {
  it.each([
    ['starting', 0],
    ['ready', 0],
    ['reloading', 1],
    ['stopping', 1],
  ] as const)('of a host that is %s has %i lines', (phase, lines) => {
    expect(extensionOf(phase)).toHaveLength(lines);
  });
});
