import { describe, expect, it } from 'vitest';
import {
  LOG_READER_TRANSITIONS,
  type LogReaderState,
  mayBecome,
} from '../../../../../src/bus/subscribe/durable/log-reader-states.js';

const STATES = Object.keys(LOG_READER_TRANSITIONS) as LogReaderState[];
const from = (state: LogReaderState): LogReaderState[] => STATES.filter(to => mayBecome(state, to));

describe('the states of a reader of a log', () => {
  it('never read twice at a time: only one that is behind, or reads, begins a read', () => {
    expect(STATES.filter(state => mayBecome(state, 'reading'))).toEqual(['behind', 'rereading']);
  });

  it('follow only after a read that nothing has come after, or where nothing is to be read', () => {
    expect(STATES.filter(state => mayBecome(state, 'following'))).toEqual(['starting', 'reading']);
  });

  it('start once, and close for good', () => {
    expect(STATES.filter(state => mayBecome(state, 'starting'))).toEqual([]);
    expect(from('closed')).toEqual([]);
    expect(STATES.filter(state => mayBecome(state, 'closed'))).toEqual(
      STATES.filter(state => state !== 'closed'),
    );
  });

  it('stay as they are when more is to be read before the first read, or during the second', () => {
    expect(from('starting')).toEqual(['following', 'behind', 'closed']);
    expect(from('rereading')).toEqual(['behind', 'reading', 'closed']);
  });
});
