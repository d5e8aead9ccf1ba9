import { beforeEach, describe, expect, it } from 'vitest';
import { GapDetector, gapInLog } from '../../../../src/bus/gaps/gap-detector.js';
import { streamOf } from '../../../../src/bus/payload/bus-message.js';

const SENDER = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };
const STREAM = streamOf('m', 1, 't');

/** The sender began so many milliseconds ago, and has published up to event 5. */
const mark = (age: number) => ({ topic: 't', run: 1, last: 5, age });

let detector: GapDetector;

beforeEach(() => {
  detector = new GapDetector();
});

describe('a gap detector', () => {
  it('finds what is missing between events, and drops nothing that is new', () => {
    expect(detector.arrived('t', STREAM, 3, 2)).toEqual({ gap: undefined, known: 0 });
    expect(detector.arrived('t', STREAM, 4, 2)).toEqual({ gap: undefined, known: 1 });
    expect(detector.arrived('t', STREAM, 8, 1)).toEqual({
      gap: { topic: 't', missed: 2, reason: 'connection' },
      known: 0,
    });
  });

  it('takes what a transport could not bring for missed once', () => {
    detector.arrived('t', STREAM, 1, 2);
    const skipped = { stream: STREAM, topic: 't', last: 5 };
    expect(detector.skipped(skipped)).toEqual({ topic: 't', missed: 3, reason: 'slow' });
    expect(detector.skipped(skipped)).toBeUndefined();
    expect(detector.arrived('t', STREAM, 6, 1).gap).toBeUndefined();
  });

  it('finds what is missing at the end', () => {
    detector.arrived('t', STREAM, 1, 2);
    expect(detector.compare(SENDER, mark(0), 0)).toEqual({
      topic: 't',
      missed: 3,
      reason: 'connection',
    });
    expect(detector.compare(SENDER, mark(0), 0)).toBeUndefined();
  });

  it('misses of an unknown stream what began after it was opened, and nothing before', () => {
    expect(detector.compare(SENDER, mark(0), 1_000)).toBeUndefined();
    detector.opened(900);
    detector.opened(5_000);
    expect(detector.compare(SENDER, mark(100), 1_000)).toBeUndefined();
    expect(detector.compare(SENDER, mark(99), 1_000)?.missed).toBe(5);
  });
});

describe('gapInLog()', () => {
  it.each([
    [{ type: 'next' }, undefined],
    [{ type: 'known' }, undefined],
    [
      { type: 'trimmed', missed: 3 },
      { topic: 't', missed: 3, reason: 'trimmed' },
    ],
    [{ type: 'lost' }, { topic: 't', missed: undefined, reason: 'lost' }],
  ] as const)('of %j is %j', (step, gap) => {
    expect(gapInLog('t', step)).toEqual(gap);
  });
});
