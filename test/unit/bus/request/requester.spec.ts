import { beforeEach, describe, expect, it } from 'vitest';
import { Requester } from '../../../../src/bus/request/requester.js';
import type { MemberInfo } from '../../../../src/bus/membership/bus-member.interface.js';

const info = (member: string, slot: number): MemberInfo => ({
  member,
  host: 'h',
  slot,
  generation: 0,
  id: slot,
  pid: slot,
  answers: ['t'],
  groups: [],
  consumers: [],
  patterns: [],
});
const A = info('a', 1);
const B = info('b', 2);

let requester: Requester;
const slots = (list: readonly { worker: { slot: number } }[]) =>
  list.map(({ worker }) => worker.slot);

beforeEach(() => {
  requester = new Requester();
});

describe('a question', () => {
  it('ends when all have answered, whether before or after it is known who is to', async () => {
    const result = await requester.collect('q', 10_000, async () => {
      requester.answered(A, { answers: 'q', value: 1 });
      setImmediate(() => requester.answered(B, { answers: 'q', value: 2 }));
      return [A, B];
    });
    expect(result.replies.map(({ value }) => value)).toEqual([1, 2]);
    expect(result.missing).toEqual([]);
  });

  it('ends at once if nobody is to answer', async () => {
    expect(await requester.collect('q', 10_000, async () => [])).toEqual({
      replies: [],
      missing: [],
    });
  });

  it('ends when those who have not answered are gone', async () => {
    const result = await requester.collect('q', 10_000, async () => {
      setImmediate(() => {
        requester.answered(A, { answers: 'q', value: 1 });
        requester.gone('b');
      });
      return [A, B];
    });
    expect(slots(result.replies)).toEqual([1]);
    expect(result.missing).toMatchObject([{ worker: { slot: 2 }, reason: 'gone' }]);
  });

  it('notices who was gone before it was known that it was to answer', async () => {
    const result = await requester.collect('q', 10_000, async () => {
      requester.gone('a');
      return [A];
    });
    expect(result.missing).toMatchObject([{ reason: 'gone' }]);
  });

  it('ends in time without those who do not answer', async () => {
    const result = await requester.collect('q', 20, async () => {
      requester.answered(A, { answers: 'q', value: 1 });
      return [A, B];
    });
    expect(slots(result.replies)).toEqual([1]);
    expect(result.missing).toMatchObject([{ worker: { slot: 2 }, reason: 'timeout' }]);
  });

  it('tells who failed, and takes one answer of each', async () => {
    const result = await requester.collect('q', 10_000, async () => {
      requester.answered(A, { answers: 'q', error: 'no' });
      requester.answered(A, { answers: 'q', value: 1 });
      requester.answered(B, { answers: 'another', value: 1 });
      return [A];
    });
    expect(result).toMatchObject({ replies: [], missing: [{ reason: 'failed', error: 'no' }] });
  });

  it('that could not be put leaves nothing behind', async () => {
    await expect(
      requester.collect('q', 10_000, () => Promise.reject(new Error('away'))),
    ).rejects.toThrow('away');
  });
});
