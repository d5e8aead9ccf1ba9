import { describe, expect, it } from 'vitest';
import { CommandQueue } from '../../../../src/supervisor/commands/command-queue.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';
import { Conditions } from '../../../../src/system/async/conditions.js';

describe('CommandQueue', () => {
  it('runs one command after the other, also after one that failed', async () => {
    const queue = new CommandQueue();
    const order: string[] = [];
    const first = queue.run(async () => {
      await Promise.resolve();
      order.push('first');
      throw new Error('failed');
    });
    const second = queue.run(async () => void order.push('second'));
    await expect(first).rejects.toThrow('failed');
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('lets a stop pre-empt all: what runs is told, what waits never starts', async () => {
    const queue = new CommandQueue();
    const order: string[] = [];
    const running = queue.run(
      signal =>
        new Promise<void>(resolve => {
          signal.addEventListener('abort', () => {
            order.push('aborted');
            resolve();
          });
        }),
    );
    const waiting = queue.run(async () => void order.push('waiting'));
    await Promise.resolve();
    await queue.preempt(async () => void order.push('stop'));
    await running;
    const late = queue.run(async () => void order.push('late'));
    await expect(waiting).rejects.toThrow('The host is stopping');
    await expect(late).rejects.toThrow('The host is stopping');
    expect(order).toEqual(['aborted', 'stop']);
  });
});

describe('Conditions', () => {
  it('wakes those whose condition holds, and those who are told to give up', async () => {
    const conditions = new Conditions(new FakeClock());
    let value = 0;
    const reached: string[] = [];
    const one = conditions.until(() => value === 1).then(() => reached.push('one'));
    const abort = new AbortController();
    const never = conditions.until(() => false, abort.signal).then(() => reached.push('aborted'));
    conditions.check();
    value = 1;
    conditions.check();
    await one;
    abort.abort();
    await never;
    expect(reached).toEqual(['one', 'aborted']);
  });
});
