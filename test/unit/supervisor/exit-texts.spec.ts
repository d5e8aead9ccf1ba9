import { describe, expect, it } from 'vitest';
import type { WorkerExitedEvent } from '../../../src/model/events/cluster-event.interface.js';
import type { WorkerExitReason } from '../../../src/model/host-status.interface.js';
import { supervisorMessages } from '../../../src/supervisor/supervisor.messages.js';

const KILLED = { code: null, signal: 'SIGKILL' } as const;
const BY_ITSELF = { code: 1, signal: null };

function textOf(
  reason: WorkerExitReason,
  how: Pick<WorkerExitedEvent, 'code' | 'signal'>,
  budget = 2_000,
): string {
  const identity = { slot: 0, generation: 1, id: 1, pid: 42 };
  const event = { ...identity, ...how, type: 'workerExited', reason, at: 0, uptime: 9_000, budget };
  return supervisorMessages.exited(event as WorkerExitedEvent, undefined);
}

describe('the log line about a worker that had to be killed', () => {
  it.each<[WorkerExitReason, string]>([
    ['drain-timeout', 'did not exit within 2.0 s (shutdown.timeout) and was killed'],
    [
      'boot-timeout',
      'was not ready within 2.0 s (boot.timeout) and was killed: its application did not listen',
    ],
    ['hung', 'hung and was killed'],
    ['killed', 'was killed'],
  ])('says so: %s', (reason, text) => {
    expect(textOf(reason, KILLED)).toBe(`Worker 0 (generation 1, pid 42) ${text}`);
  });

  it.each<[WorkerExitReason, string]>([
    [
      'drain-timeout',
      'did not exit within 2.0 s (shutdown.timeout) and ended by itself with code 1 before it could be killed',
    ],
    [
      'boot-timeout',
      'was not ready within 2.0 s (boot.timeout) and ended by itself with code 1 before it could be killed: its application did not listen',
    ],
    ['hung', 'hung and ended by itself with code 1 before it could be killed'],
    ['killed', 'ended by itself with code 1 before it could be killed'],
  ])('says so if it was faster than the signal: %s', (reason, text) => {
    expect(textOf(reason, BY_ITSELF)).toBe(`Worker 0 (generation 1, pid 42) ${text}`);
  });
});
