import { describe, expect, it } from 'vitest';
import type { InvalidPayloadFault } from '../../src/bus/bus-fault.interface.js';
import { FaultReport } from '../../src/bus/fault-report.js';
import { busMessages } from '../../src/bus/bus.messages.js';
import { callBack } from '../../src/model/events/event-callbacks.js';
import type { WorkerExitedEvent } from '../../src/model/events/cluster-event.interface.js';
import { healthMessages } from '../../src/health/health.messages.js';
import * as api from '../../src/index.js';
import { ScaleFailedError } from '../../src/model/errors/scale-failed.error.js';
import { errorLine } from '../../src/supervisor/output/output-summary.js';
import { supervisorMessages } from '../../src/supervisor/supervisor.messages.js';
import { redisMessages } from '../../src/redis/redis.messages.js';
import { stateMessages } from '../../src/state/state.messages.js';

/** Clears the screen, forges a line, and turns the writing direction round. */
const HOSTILE = 'x\u001b[2J\n[Nest] 1 - ERROR forged\u009b\u2028\u202e';

// Everything but what may stand in one line of a log.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const failure = { slot: 0, pid: 1, reason: 'crashed', output: HOSTILE } as const;

const exited: WorkerExitedEvent = {
  type: 'workerExited',
  slot: 0,
  generation: 0,
  id: 1,
  pid: 1,
  at: 0,
  code: 1,
  signal: null,
  reason: 'crashed',
  uptime: 1,
};

const fault: InvalidPayloadFault = {
  type: 'invalid-payload',
  topic: HOSTILE,
  payload: HOSTILE,
  issues: [{ message: HOSTILE }],
  from: { host: HOSTILE, slot: 0, generation: 0, id: 1, pid: 1 },
};

describe('foreign text cannot forge a log line', () => {
  it.each([
    new api.AmbiguousResultError('increment', HOSTILE, HOSTILE, HOSTILE),
    new api.BusInputError(HOSTILE, HOSTILE),
    new api.BusUnavailableError(HOSTILE, HOSTILE, true),
    new api.CounterRangeError(HOSTILE, HOSTILE, 'max', 0, 1),
    new api.LockLostError(HOSTILE, HOSTILE),
    new api.LockTimeoutError(HOSTILE, 1),
    new api.PrimaryRequestError(HOSTILE, HOSTILE, true),
    new api.PrimaryUnreachableError(HOSTILE, HOSTILE),
    new api.ReloadFailedError(1, HOSTILE, failure),
    new ScaleFailedError(1, HOSTILE, failure),
    new api.StateFullError(HOSTILE, HOSTILE, HOSTILE),
    new api.StateInputError(HOSTILE, HOSTILE),
    new api.StateTypeError(HOSTILE, HOSTILE, HOSTILE),
    new api.StateUnavailableError(HOSTILE, HOSTILE, HOSTILE),
    new api.UpdateConflictError(HOSTILE, 1),
  ])('$name', ({ message }) => {
    expect(message).toContain('forged');
    expect(message).not.toMatch(UNSAFE);
  });

  it.each(
    Object.entries({
      handlerFailed: busMessages.handlerFailed(HOSTILE, HOSTILE),
      gapHandlerFailed: busMessages.gapHandlerFailed(HOSTILE, HOSTILE),
      misfit: busMessages.invalidPayload(fault),
      gap: busMessages.gap(HOSTILE, 1, HOSTILE),
      alreadyAnswered: busMessages.alreadyAnswered(HOSTILE, HOSTILE),
      noGapMethod: busMessages.noGapMethod(HOSTILE, HOSTILE),
      malformed: busMessages.malformed(HOSTILE, HOSTILE, 1),
      redisSaid: stateMessages.redisSaid(HOSTILE),
      lost: redisMessages.lost(HOSTILE),
      silent: redisMessages.silent(HOSTILE),
      subscriptionDenied: redisMessages.subscriptionDenied(HOSTILE, HOSTILE),
      passwordFailed: redisMessages.passwordFailed(HOSTILE),
      ready: supervisorMessages.ready(exited, 1, [{ address: HOSTILE, port: null }]),
      failed: supervisorMessages.failed(exited, HOSTILE),
      invalid: supervisorMessages.invalid(exited, HOSTILE),
      incompatible: supervisorMessages.incompatible({ protocol: 2, version: HOSTILE }),
      gaveUp: supervisorMessages.gaveUp(1, HOSTILE),
      reloadFailed: supervisorMessages.reloadFailed(1, HOSTILE),
      scalingFailed: supervisorMessages.scalingFailed(1, 2, HOSTILE),
      unready: healthMessages.unready([HOSTILE]),
      lastExit: errorLine(`Error: a\u001b[2J\u009b31mb\u2028forged\rforged\u202e`),
    }),
  )('%s', (_, message) => {
    expect(message).toContain('forged');
    expect(message).not.toMatch(UNSAFE);
  });

  it('in the stack of an error that a handler or a callback has thrown', async () => {
    const logged: unknown[] = [];
    const logger = {
      warn: (...texts: unknown[]) => logged.push(...texts),
      error: (...texts: unknown[]) => logged.push(...texts),
    };
    new FaultReport(logger, () => {}).handlerFailed('H.m', 'topic', new Error(HOSTILE));
    const callbacks = { workerExited: () => Promise.reject(new Error(HOSTILE)) };
    await callBack(callbacks, exited, logger);
    expect(logged).toHaveLength(4);
    for (const text of logged) {
      const foreign = String(text).replace(/(\n {4}at [^\n]*)*$/, '');
      expect(foreign).not.toMatch(UNSAFE);
    }
  });
});
