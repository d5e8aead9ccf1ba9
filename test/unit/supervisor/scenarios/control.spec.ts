import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ControlOutput } from '../../../../src/control/control-messages.js';
import { eventually } from '../../../support/eventually.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import {
  becomeReady,
  everybody,
  states,
  SupervisedHost,
} from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a restart of one worker on request', () => {
  it('starts the new worker before the old one drains', async () => {
    const supervisor = await host.started();
    const restarted = host.controlled(supervisor).restart(1);
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [1, 0, 'ready'],
      [1, 0, 'booting'],
    ]);
    await becomeReady(host.forked[2]);
    expect(host.forked[1]!.drainOrders).toMatchObject([{ cause: 'recycle' }]);
    await host.leave();
    const { pid } = host.forked[2]!;
    expect(await restarted).toEqual({ type: 'done', value: { slot: 1, pid, duration: 0 } });
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('answers the worker that it replaces before that one drains', async () => {
    const supervisor = await host.started();
    const [, caller] = supervisor.workers;
    let ordersAtAnswer: unknown[] | undefined;
    const restarted = host
      .controlled(supervisor)
      .restart(1, caller)
      .finally(() => {
        ordersAtAnswer = [...host.forked[1]!.drainOrders];
      });
    await settle();
    await becomeReady(host.forked[2]);
    const { pid } = host.forked[2]!;
    expect(await restarted).toEqual({ type: 'done', value: { slot: 1, pid, duration: 0 } });
    expect(ordersAtAnswer).toEqual([]);
    await eventually(
      () => host.forked[1]!.drainOrders.length > 0,
      5_000,
      () => 'It is not told to drain.',
    );
    await host.leave();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('keeps the old worker if the new one fails, and returns its output', async () => {
    const supervisor = await host.started();
    const restarted = host.controlled(supervisor).restart(0);
    await settle();
    host.forked[2]!.stderr.write('Error: no database\n');
    await settle();
    host.forked[2]!.exit(1);
    expect(await restarted).toMatchObject({
      type: 'failed',
      failure: { worker: { slot: 0, reason: 'boot-failed', output: 'Error: no database\n' } },
    });
    expect(host.forked[0]!.drainOrders).toEqual([]);
    expect(host.logged.join('\n')).toContain('The restart of the worker in slot 0 failed');
  });

  it('forks at once into a slot that waits for its next worker', async () => {
    const supervisor = await host.started();
    host.forked[0]!.exit(1);
    await settle();
    const restarted = host.controlled(supervisor).restart(0);
    await settle();
    await becomeReady(host.forked[2]);
    expect(await restarted).toMatchObject({ type: 'done', value: { slot: 0 } });
    await host.clock.advance(60_000);
    expect(host.forked).toHaveLength(3);
  });

  it('does nothing for a slot that does not exist', async () => {
    const control = host.controlled(await host.started());
    expect(await control.restart(2)).toEqual({ type: 'done', value: undefined });
    expect(host.forked).toHaveLength(2);
  });

  it('ends when the host stops', async () => {
    const control = host.controlled(await host.started());
    const restarted = control.restart(0);
    await settle();
    control.stop();
    expect(await restarted).toEqual({ type: 'stopping' });
    expect(host.logged).toContainEqual(
      expect.stringContaining('Stop requested on the control socket: draining'),
    );
  });
});

it('shows the output of the workers, and its end', async () => {
  const control = host.controlled(await host.started());
  const seen: ControlOutput[] = [];
  host.forked[0]!.stdout.write('before\n');
  await settle();
  const end = control.onOutput(output => seen.push(output));
  host.forked[1]!.stdout.write('one\n');
  host.forked[0]!.stderr.write('problem\n');
  await settle();
  end();
  host.forked[1]!.stdout.write('two\n');
  await settle();
  const [zero, one] = host.forked.map(({ pid }) => pid);
  expect(seen).toEqual([
    { slot: 1, pid: one, stream: 'stdout', text: 'one\n' },
    { slot: 0, pid: zero, stream: 'stderr', text: 'problem\n' },
  ]);
  expect(control.streams).toEqual(['stdout', 'stderr']);
  expect(control.tails()).toEqual([
    { slot: 0, pid: zero, stream: 'stdout', text: 'before\n' },
    { slot: 0, pid: zero, stream: 'stderr', text: 'problem\n' },
    { slot: 1, pid: one, stream: 'stdout', text: 'one\ntwo\n' },
  ]);
});

it('shows events to listeners until they end', async () => {
  const control = host.controlled(await host.started());
  const seen: string[] = [];
  const end = control.onEvent(({ type }) => seen.push(type));
  const reload = control.reload();
  await settle();
  end();
  control.stop();
  await reload;
  expect(seen).toEqual(['reloadStarted', 'workerForked']);
});
