import { describe, expect, it } from 'vitest';
import type { HostStatus } from '../../../src/model/host-status.interface.js';
import { hostHealth, hostUnknown } from '../../../src/health/checks/host-health.js';
import { resolveLimits } from '../../../src/health/checks/health-limits.js';
import { type StateHealth, stateHealth } from '../../../src/health/checks/state-health.js';
import type { StateAnswer } from '../../../src/health/checks/state-probe.js';
import type {
  HealthThresholds,
  Threshold,
} from '../../../src/health/checks/thresholds.interface.js';
import {
  type WorkerFacts,
  type WorkerHealth,
  workerHealth,
} from '../../../src/health/checks/worker-health.js';

const GIBIBYTE = 2 ** 30;
const memory = { limit: GIBIBYTE, total: 8 * GIBIBYTE };

const calm = {
  memory: 0.2 * GIBIBYTE,
  requests: 1_000,
  eventLoopDelayP99: 3,
  eventLoopUtilization: 0.4,
};

const identity = { slot: 1, generation: 0, id: 2, pid: 4711, serves: true };

function worker(facts: Partial<WorkerFacts> = {}, thresholds: HealthThresholds = {}): WorkerHealth {
  const limits = resolveLimits(thresholds);
  return workerHealth({ ...identity, state: 'ready', vitals: calm, ...facts }, limits, memory, 2);
}

describe('a worker', () => {
  it('is up as long as nothing has reached its limit, and tells how it is doing', () => {
    expect(worker()).toEqual({
      slot: 1,
      generation: 0,
      id: 2,
      pid: 4711,
      state: 'ready',
      serves: true,
      status: 'up',
      problems: [],
      memory: calm.memory,
      eventLoopDelay: 3,
      eventLoopUtilization: 0.4,
    });
  });

  const bus = { gaps: 0, missed: 0, missedLately: 0, queued: 0, fullness: 0, unsent: 0 };

  it.each<[Partial<WorkerFacts>, string]>([
    [
      { vitals: { ...calm, eventLoopDelayP99: 500 } },
      'its event loop was 500 ms late in the last 10 s (99th percentile; limit 500).',
    ],
    [{ heartbeatOverdue: 750 }, 'its event loop has been blocked for 750 ms (limit 500).'],
    [
      { vitals: { ...calm, eventLoopUtilization: 0.99 } },
      'its event loop is busy 99 % of the time (limit 98 %).',
    ],
    // Two workers share the limit of the container.
    [{ vitals: { ...calm, memory: 0.46 * GIBIBYTE } }, 'it uses 471 MB of memory (limit 461 MB).'],
    [
      { vitals: { ...calm, bus: { ...bus, missedLately: 12 } } },
      'it has missed 12 events of the bus in the last minute (limit 1).',
    ],
    [
      { vitals: { ...calm, bus: { ...bus, fullness: 0.9 } } },
      'a queue of its bus is 90 % full (limit 80 %).',
    ],
  ])('is degraded with %j', (facts, problem) => {
    expect(worker(facts)).toMatchObject({ status: 'degraded', problems: [problem] });
  });

  it('is down from where it is asked to be', () => {
    const thresholds = { eventLoopDelay: { degraded: 100, down: 1_000 } };
    expect(worker({ heartbeatOverdue: 999 }, thresholds).status).toBe('degraded');
    expect(worker({ heartbeatOverdue: 1_000 }, thresholds).status).toBe('down');
  });

  it('is not judged while it boots or leaves', () => {
    const ailing = { vitals: { ...calm, eventLoopDelayP99: 9_000 } };
    expect(worker({ ...ailing, state: 'draining' }).status).toBe('up');
    expect(worker({ ...ailing, state: 'booting' }).status).toBe('up');
  });

  it('that has exited has nothing to say', () => {
    expect(worker({ state: 'exited' })).not.toHaveProperty('memory');
  });

  it('of which nothing has been heard yet is judged by how long that is', () => {
    const { vitals: _, ...silent } = { vitals: calm, heartbeatOverdue: 2_000 };
    const limits = resolveLimits({});
    const facts = { ...identity, state: 'ready' as const, ...silent };
    expect(workerHealth(facts, limits, memory, 2)).toMatchObject({
      status: 'degraded',
      blockedFor: 2_000,
    });
  });
});

/** So many that serve, and are well. */
const serving = (count: number): WorkerHealth[] =>
  Array.from({ length: count }, (_, slot) => ({ ...worker(), slot }));

const ailing = (slot: number): WorkerHealth => ({
  ...worker({ heartbeatOverdue: 6_000 }, { eventLoopDelay: { down: 5_000 } }),
  slot,
});

describe('a host', () => {
  const facts = {
    state: 'running' as const,
    hasStarted: true,
    wanted: 4,
    recentRestarts: 0,
    generation: 2,
    uptime: 1,
  };
  const judge = (
    workers: readonly WorkerHealth[],
    overrides: Partial<Omit<typeof facts, 'state'>> & { readonly state?: HostStatus['state'] } = {},
    thresholds: HealthThresholds = {},
  ) => hostHealth({ ...facts, ...overrides }, workers, 1, resolveLimits(thresholds));

  it('is up with as many workers as are wanted, or more', () => {
    expect(judge(serving(4))).toMatchObject({
      status: 'up',
      problems: [],
      ready: 4,
      wanted: 4,
      spares: 1,
    });
    expect(judge(serving(5)).status).toBe('up');
  });

  it.each<[number, Parameters<typeof judge>[1], string, string]>([
    [3, {}, 'degraded', '3 of 4 workers ready.'],
    [0, {}, 'down', '0 of 4 workers ready.'],
    [4, { state: 'stopping' }, 'down', 'The host is stopping.'],
    [
      4,
      { recentRestarts: 3 },
      'degraded',
      '3 workers had to be replaced in the last minute (limit 3).',
    ],
  ])('with %d workers that serve and %j is %s', (count, overrides, status, problem) => {
    expect(judge(serving(count), overrides)).toMatchObject({ status, problems: [problem] });
  });

  it('says nothing of missing workers while it stops: they leave', () => {
    expect(judge([], { state: 'stopping' }).problems).toEqual(['The host is stopping.']);
  });

  it('is down below the share of workers that is asked for', () => {
    const thresholds = { ready: { down: '50%' } };
    expect(judge(serving(2), {}, thresholds).status).toBe('up');
    expect(judge(serving(1), {}, thresholds).status).toBe('down');
  });

  it('is not down for want of workers that there are not to be', () => {
    expect(judge(serving(1), { wanted: 1 }, { ready: { down: 3 } }).status).toBe('up');
  });

  it('is degraded by one ailing worker, and down when all are', () => {
    expect(judge([worker(), ailing(0)], { wanted: 2 })).toMatchObject({
      status: 'degraded',
      ready: 1,
      problems: [
        '1 of 2 workers ready.',
        'Worker 0: its event loop has been blocked for 6000 ms (limit 5000).',
      ],
    });
    expect(judge([ailing(0), ailing(1)], { wanted: 2 })).toMatchObject({
      status: 'down',
      ready: 0,
    });
  });

  it('counts a worker that hangs as missing, and not twice', () => {
    const hung = { ...ailing(0), serves: false };
    expect(judge([worker(), hung], { wanted: 2 })).toMatchObject({ status: 'degraded', ready: 1 });
  });

  it('of which the primary does not tell is degraded, and down where nobody takes its place', () => {
    expect(hostUnknown(worker(), false, true, 150)).toMatchObject({
      status: 'degraded',
      problems: ['The primary has not answered within 150 ms.'],
      hasStarted: true,
      workers: [{ slot: 1 }],
    });
    expect(hostUnknown(worker(), true, false, 150)).toMatchObject({ status: 'down' });
  });
});

const judgeState = (
  answer: StateAnswer,
  stateRoundTrip: Threshold = { degraded: 100, down: 1_000 },
  problems: readonly string[] = [],
): StateHealth => stateHealth('redis', answer, problems, resolveLimits({ stateRoundTrip }));

describe('the shared state', () => {
  it('is degraded if its backend answers, and there is something the matter with it', () => {
    const health = judgeState({ type: 'answered', after: 1 }, undefined, ['It evicts keys.']);
    expect(health).toMatchObject({ status: 'degraded', problems: ['It evicts keys.'] });
  });

  it.each<[StateAnswer, string, string | undefined]>([
    [{ type: 'answered', after: 1.234 }, 'up', undefined],
    [{ type: 'answered', after: 120 }, 'degraded', 'took 120 ms to answer (limit 100)'],
    [{ type: 'silent', since: 150 }, 'degraded', 'has not answered for 150 ms'],
    [{ type: 'silent', since: 1_500 }, 'down', 'has not answered for 1500 ms'],
    [{ type: 'unreachable' }, 'down', 'cannot be reached'],
  ])('of which the backend has %j is %s', (answer, status, problem) => {
    const health = judgeState(answer);
    expect(health).toMatchObject({ status, backend: 'redis' });
    expect(health.problems).toEqual(problem ? [expect.stringContaining(problem)] : []);
    expect(health.roundTrip).toBe(
      answer.type === 'answered' ? Math.round(answer.after * 10) / 10 : undefined,
    );
  });

  it('tells of the memory of the primary, if that is the backend', () => {
    const answer: StateAnswer = { type: 'answered', after: 1 };
    const held = { used: 10, limit: 1_000 };
    expect(stateHealth('memory', answer, [], resolveLimits({}), held)).toMatchObject({
      memory: held,
    });
    expect(judgeState(answer)).not.toHaveProperty('memory');
  });

  it('may be away where nobody minds', () => {
    expect(judgeState({ type: 'unreachable' }, {}).status).toBe('up');
  });
});
