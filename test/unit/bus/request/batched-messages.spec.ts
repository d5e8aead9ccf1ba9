import { describe, expect, it } from 'vitest';
import { BatchedMessages } from '../../../../src/bus/request/batched-messages.js';
import { PublicationRefusedError } from '../../../../src/bus/bus-transport.interface.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { settle } from '../../../support/fakes/fake-clock.js';

interface Sent {
  readonly to: string;
  readonly items: number[];
  readonly resolve: (result: string) => void;
  readonly reject: (error: Error) => void;
}

function batches(timeout = 60_000): { sent: Sent[]; messages: BatchedMessages<string> } {
  const sent: Sent[] = [];
  const messages = new BatchedMessages<string>(
    timeout,
    (to, items) =>
      new Promise((resolve, reject) => {
        sent.push({ to, items: JSON.parse(`[${items}]`) as number[], resolve, reject });
      }),
  );
  return { sent, messages };
}

const later = (): number => monotonicNow() + 60_000;

describe('batched messages', () => {
  it('go out one at a time to each address, with what came meanwhile', async () => {
    const { sent, messages } = batches();
    const first = messages.add('a', '1', later());
    const other = messages.add('b', '9', later());
    await settle();
    const rest = [messages.add('a', '2', later()), messages.add('a', '3', later())];
    await settle();
    expect(sent.map(({ to, items }) => [to, items])).toEqual([
      ['a', [1]],
      ['b', [9]],
    ]);
    sent[0]!.resolve('one');
    expect(await first).toBe('one');
    await settle();
    expect(sent[2]).toMatchObject({ to: 'a', items: [2, 3] });
    sent[2]!.resolve('two');
    sent[1]!.resolve('three');
    expect(await Promise.all([...rest, other])).toEqual(['two', 'two', 'three']);
  });

  it('have a limited number of items and characters', async () => {
    const { sent, messages } = batches();
    const all = Array.from({ length: 1_100 }, (_, n) => messages.add('a', String(n), later()));
    const long = `"${'x'.repeat(200_000)}"`;
    all.push(messages.add('a', long, later()), messages.add('a', long, later()));
    for (let index = 0; index < 4; index++) {
      await settle();
      sent[index]!.resolve('');
    }
    await Promise.all(all);
    expect(sent.map(({ items }) => items.length)).toEqual([500, 500, 101, 1]);
  });

  it('fail together, and the next ones are sent', async () => {
    const { sent, messages } = batches();
    const failing = Promise.allSettled([
      messages.add('a', '1', later()),
      messages.add('a', '2', later()),
    ]);
    await settle();
    const next = messages.add('a', '3', later());
    sent[0]!.reject(new Error('no'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settle();
    sent[1]!.resolve('yes');
    expect(await next).toBe('yes');
  });

  it('count as lost when they are not confirmed in time, and hold nothing up', async () => {
    const { sent, messages } = batches(20);
    const lost = messages.add('a', '1', later());
    const next = messages.add('a', '2', later());
    await expect(lost).rejects.toThrow('did not answer in time');
    await expect(next).rejects.toThrow('did not answer in time');
    expect(sent).toHaveLength(1);
  });

  it('leave out what is overdue, which was not sent', async () => {
    const { sent, messages } = batches();
    const first = messages.add('a', '1', later());
    await settle();
    const overdue = messages.add('a', '2', monotonicNow());
    const last = messages.add('a', '3', later());
    sent[0]!.resolve('');
    await expect(overdue).rejects.toThrow(PublicationRefusedError);
    await settle();
    expect(sent[1]!.items).toEqual([3]);
    sent[1]!.resolve('');
    await Promise.all([first, last]);
  });
});
