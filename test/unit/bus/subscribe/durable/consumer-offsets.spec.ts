import { beforeEach, describe, expect, it } from 'vitest';
import { ConsumerOffsets } from '../../../../../src/bus/subscribe/durable/consumer-offsets.js';

const A = {};
const B = {};

let kept: Record<string, string>;
let offsets: ConsumerOffsets;

beforeEach(() => {
  kept = {};
  offsets = new ConsumerOffsets(
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
    offsets.begins(A, 't', '7-2');
    await offsets.tell();
    expect(kept).toEqual({ t: '7-2' });
    const [third, fourth] = ['7-3', '7-4'].map(at => offsets.reading(A, 't', at));
    await offsets.tell();
    expect(kept).toEqual({ t: '7-2' });
    third!();
    await offsets.tell();
    expect(kept).toEqual({ t: '7-3' });
    fourth!();
    await offsets.tell();
    expect(kept).toEqual({ t: '7-4' });
  });

  it('is what all have handled, in whatever order they do', async () => {
    offsets.begins(A, 't', '7-0');
    offsets.begins(B, 't', '7-0');
    const [first, second] = ['7-1', '7-2'].map(at => offsets.reading(A, 't', at));
    const other = offsets.reading(B, 't', '7-1');
    second!();
    other();
    await offsets.tell();
    expect(kept).toEqual({ t: '7-0' });
    first!();
    await offsets.tell();
    expect(kept).toEqual({ t: '7-1' });
  });

  it('is what it was when a subscriber ends, until another one begins', async () => {
    offsets.begins(A, 't', '7-0');
    const done = offsets.reading(A, 't', '7-1');
    offsets.forget(A);
    done();
    await offsets.tell();
    expect(kept).toEqual({ t: '7-1' });
    offsets.begins(B, 't', '7-9');
    await offsets.tell();
    expect(kept).toEqual({ t: '7-9' });
  });

  it('is handed down to what subscribes at the start, and to nothing later', () => {
    expect(offsets.handedDown['inherited']).toBe('7-3');
    expect(offsets.handedDown['other']).toBeUndefined();
    offsets.begun();
    expect(offsets.handedDown['inherited']).toBeUndefined();
  });

  it('is forgotten of the topic that was read the longest ago, when there are too many', async () => {
    offsets.begins(A, 'busy', '7-1');
    offsets.begins(A, 'idle', '7-1');
    for (let n = 0; n < 9_998; n++) {
      offsets.begins(A, `topic-${n}`, '7-1');
    }
    await offsets.tell();
    offsets.reading(A, 'busy', '7-2')();
    offsets.begins(A, 'one more', '7-1');
    await offsets.tell();
    expect(kept['busy']).toBe('7-2');
    expect(kept['one more']).toBe('7-1');
    // Its offset is not known any more: it begins anew.
    kept = {};
    offsets.begins(B, 'idle', '7-5');
    await offsets.tell();
    expect(kept).toEqual({ idle: '7-5' });
  });
});
