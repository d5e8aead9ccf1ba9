import { describe, expect, it } from 'vitest';
import { SendBuffer } from '../../../../src/bus/primary/send-buffer.js';
import { MemoryBudget } from '../../../../src/state/backends/memory/memory-budget.js';
import type { ToWorker } from '../../../support/all-features.js';

/** A worker that reads when it is told to. */
class SlowWorker {
  readonly sent: ToWorker[] = [];
  readonly #unread: (() => void)[] = [];

  send(message: ToWorker): Promise<void> {
    this.sent.push(message);
    return new Promise(resolve => this.#unread.push(resolve));
  }

  async read(): Promise<void> {
    this.#unread.splice(0).forEach(resolve => resolve());
    await new Promise(resolve => setImmediate(resolve));
  }
}

const mark = (last: number) => ({ stream: 's', topic: 't', last });

describe('what is on its way to a worker', () => {
  it('is bounded: the rest is left out, and told of once the worker reads again', async () => {
    const worker = new SlowWorker();
    const outbox = new SendBuffer(worker, 100);
    for (let n = 1; n <= 20; n++) {
      outbox.put('m', 'topic:t', 'x'.repeat(20), mark(n));
    }
    expect(worker.sent).toHaveLength(5);
    await worker.read();
    expect(worker.sent.at(-1)).toEqual({
      type: 'skipped',
      member: 'm',
      channel: 'topic:t',
      mark: mark(20),
    });
    outbox.put('m', 'topic:t', 'y', mark(21));
    expect(worker.sent.at(-1)).toMatchObject({ type: 'text', text: 'y' });
  });

  it('counts two bytes for characters that take two', async () => {
    const worker = new SlowWorker();
    const budget = new MemoryBudget();
    const outbox = new SendBuffer(worker, 100, budget);
    for (let n = 1; n <= 20; n++) {
      outbox.put('m', 'topic:t', 'ж'.repeat(25), mark(n));
    }
    expect(worker.sent).toHaveLength(2);
    expect(budget.used).toBe(100);
    await worker.read();
    expect(budget.used).toBe(0);
  });

  it('has room for one text, however long it is', () => {
    const worker = new SlowWorker();
    new SendBuffer(worker, 10).put('m', 'to:m', 'x'.repeat(1_000), undefined);
    expect(worker.sent).toHaveLength(1);
  });

  it('leaves out what the budget of the primary has no room for, but for a little', async () => {
    const MEBIBYTE = 1024 * 1024;
    const worker = new SlowWorker();
    const budget = new MemoryBudget(4 * MEBIBYTE);
    const outbox = new SendBuffer(worker, 100 * MEBIBYTE, budget);
    const half = 'x'.repeat(MEBIBYTE / 2);
    budget.add(4 * MEBIBYTE);
    for (let n = 1; n <= 5; n++) {
      outbox.put('m', 'topic:t', half, mark(n));
    }
    expect(worker.sent).toHaveLength(2);
    budget.add(-4 * MEBIBYTE);
    await worker.read();
    expect(budget.used).toBe(0);
    for (let n = 6; n <= 20; n++) {
      outbox.put('m', 'topic:t', half, mark(n));
    }
    expect(budget.used).toBe(4 * MEBIBYTE);
    outbox.close();
    await worker.read();
    expect(budget.used).toBe(0);
  });

  it('notes up to where rows were left out, and of very many, only on which channels', async () => {
    const worker = new SlowWorker();
    const outbox = new SendBuffer(worker, 10);
    outbox.put('m', 'topic:t', 'x'.repeat(20), mark(1));
    for (let n = 1; n <= 25_000; n++) {
      outbox.put('m', n % 2 ? 'topic:t' : 'topic:u', 'x', { ...mark(n), stream: `s${n}` });
    }
    await worker.read();
    expect(worker.sent.length).toBeLessThan(10_010);
    const skipped = worker.sent.filter(({ type }) => type === 'skipped');
    expect(skipped.slice(0, 2)).toMatchObject([
      { channel: expect.stringMatching(/^topic:[tu]$/), mark: { stream: '*' } },
      { channel: expect.stringMatching(/^topic:[tu]$/), mark: { stream: '*' } },
    ]);
  });
});
