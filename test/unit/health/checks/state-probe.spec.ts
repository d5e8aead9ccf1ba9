import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateProbe } from '../../../../src/health/checks/state-probe.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';

let executor: FakeExecutor;
let client: StateClient;
let probe: StateProbe;

beforeEach(() => {
  executor = new FakeExecutor();
  client = new StateClient(executor, 300, 0);
  probe = new StateProbe(client);
});

afterEach(() => client.close());

describe('StateProbe', () => {
  it('tells how long an answer takes', async () => {
    const asked = probe.ask(1_000);
    await executor.answer({ type: 'applied', results: [null] });
    const answer = await asked;
    expect(answer.type).toBe('answered');
  });

  it('asks once, however many want to know, and waits no longer than it may', async () => {
    const [one, other] = await Promise.all([probe.ask(20), probe.ask(20)]);
    const third = await probe.ask(1);
    expect([one, other, third]).toMatchObject([
      { type: 'silent' },
      { type: 'silent' },
      { type: 'silent' },
    ]);
    expect('since' in third && third.since).toBeGreaterThanOrEqual(20);
    expect(executor.batches).toHaveLength(1);
    expect(executor.suspected).toBe(0);
    await executor.answer({ type: 'applied', results: [null] });
    const next = probe.ask(1_000);
    await executor.answer({ type: 'applied', results: [null] });
    expect(await next).toMatchObject({ type: 'answered' });
  });

  it('tells since when there is no answer, although each request fails in time', async () => {
    const failed = probe.ask(1_000);
    await executor.answer({ type: 'refused', why: 'not now', isFinal: true });
    expect(await failed).toEqual({ type: 'unreachable' });
    const first = await probe.ask(20);
    await executor.answer({ type: 'refused', why: 'not now', isFinal: true });
    const second = await probe.ask(20);
    expect('since' in first && 'since' in second && second.since - first.since).toBeGreaterThan(15);
    await executor.answer({ type: 'applied', results: [null] });
    const third = await probe.ask(20);
    expect('since' in second && 'since' in third && third.since < second.since).toBe(true);
  });

  it('asks no backend that is away', async () => {
    executor.unavailableSince = monotonicNow() - 1_000;
    const answer = await probe.ask(1_000);
    expect(answer).toEqual({ type: 'unreachable' });
    expect(executor.batches).toHaveLength(0);
  });

  it('tells of a question that came to nothing', async () => {
    const asked = probe.ask(5_000);
    await client.close();
    expect(await asked).toEqual({ type: 'unreachable' });
  });
});
