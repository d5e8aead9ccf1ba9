import { describe, expect, it } from 'vitest';
import { SequenceTracker } from '../../../../src/bus/gaps/sequence-tracker.js';

describe('numbered events', () => {
  it('begin with the first that is heard of', () => {
    const sequences = new SequenceTracker();
    expect(sequences.take('a', 40, 2)).toEqual({ missed: 0, known: 0 });
    expect(sequences.take('a', 42, 1)).toEqual({ missed: 0, known: 0 });
  });

  it('are counted when they are missing', () => {
    const sequences = new SequenceTracker();
    sequences.take('a', 1, 3);
    expect(sequences.take('a', 10, 1)).toEqual({ missed: 6, known: 0 });
    expect(sequences.take('b', 10, 1)).toEqual({ missed: 0, known: 0 });
  });

  it('are known when they come again, all or some of them', () => {
    const sequences = new SequenceTracker();
    sequences.take('a', 1, 3);
    expect(sequences.take('a', 1, 3)).toEqual({ missed: 0, known: 3 });
    expect(sequences.take('a', 2, 4)).toEqual({ missed: 0, known: 2 });
    expect(sequences.take('a', 6, 1)).toEqual({ missed: 0, known: 0 });
  });

  it('are skipped up to a number that somebody tells, once', () => {
    const sequences = new SequenceTracker();
    sequences.take('a', 1, 3);
    expect(sequences.skip('a', 10, 0)).toBe(7);
    expect(sequences.skip('a', 10, 0)).toBe(0);
    expect(sequences.take('a', 9, 3)).toEqual({ missed: 0, known: 2 });
    expect(sequences.skip('new', 5, 0)).toBe(5);
  });

  it('are forgotten of those rows that were heard of the longest ago', () => {
    const sequences = new SequenceTracker();
    sequences.take('old', 1, 1);
    sequences.take('used', 1, 1);
    for (let row = 0; row < 9_999; row++) {
      sequences.take(`row ${row}`, 1, 1);
      sequences.take('used', row + 2, 1);
    }
    expect(sequences.knows('old')).toBe(false);
    expect(sequences.knows('used')).toBe(true);
  });
});
