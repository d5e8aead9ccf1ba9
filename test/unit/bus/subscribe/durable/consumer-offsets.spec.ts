import { beforeEach, describe, expect, it } from '@jest/globals';
import { ReadPositions } from '../../../../../src/bus/subscribe/durable/consumer-offsets.js';

const A = {};
const B = {};

let kept: Record<string, string>;
let positions: ReadPositions;

beforeEach(() => {
  kept = {};
  positions = new ReadPositions(
    {
      keep: news => {
        Object.assign(kept, news);
        return Promise.resolve();
      },
    },
    { inherited: '7-3' },
  );
});

describe('how far a worker has got', () => {
  it('is told with what it begins with, and with what it has handled', async () => {
    positions.begins(A, 't', '7-2');
    await positions.tell();
    expect(kept).toEqual({ t: '7-2' });
    const [third, fourth] = ['7-3', '7-4'].map(at => positions.reading(A, 't', at));
    await positions.tell();
    expect(kept).toEqual({ t: '7-2' });
    third!();
    await positions.tell();
    expect(kept).toEqual({ t: '7-3' });
    fourth!();
    await positions.tell();
    expect(kept).toEqual({ t: '7-4' });
  });

  it('is what all have handled, in whatever order they do', async () => {
    positions.begins(A, 't', '7-0');
    positions.begins(B, 't', '7-0');
    const [first, second] = ['7-1', '7-2'].map(at => positions.reading(A, 't', at));
    const other = positions.reading(B, 't', '7-1');
    second!();
    other();
    await positions.tell();
    expect(kept).toEqual({ t: '7-0' });
    first!();
    await positions.tell();
    expect(kept).toEqual({ t: '7-1' });
  });

  it('is what it was when a subscriber ends, until another one begins', async () => {
    positions.begins(A, 't', '7-0');
    const done = positions.reading(A, 't', '7-1');
    positions.forget(A);
    done();
    await positions.tell();
    expect(kept).toEqual({ t: '7-1' });
    positions.begins(B, 't', '7-9');
    await positions.tell();
    expect(kept).toEqual({ t: '7-9' });
  });

  it('is handed down to what subscribes at the start, and to nothing later', () => {
    expect(positions.handedDown['inherited']).toBe('7-3');
    expect(positions.handedDown['other']).toBeUndefined();
    positions.begun();
    expect(positions.handedDown['inherited']).toBeUndefined();
  });

  it('is forgotten of the topic that was read the longest ago, when there are too many', async () => {
    positions.begins(A, 'busy', '7-1');
    positions.begins(A, 'idle', '7-1');
    for (let n = 0; n < 9_998; n++) {
      positions.begins(A, `topic-${n}`, '7-1');
    }
    await positions.tell();
    positions.reading(A, 'busy', '7-2')();
    positions.begins(A, 'one more', '7-1');
    await positions.tell();
    expect(kept['busy']).toBe('7-2');
    expect(kept['one more']).toBe('7-1');
    // Its position is not known any more: it begins anew.
    kept = {};
    positions.begins(B, 'idle', '7-5');
    await positions.tell();
    expect(kept).toEqual({ idle: '7-5' });
  });
});
