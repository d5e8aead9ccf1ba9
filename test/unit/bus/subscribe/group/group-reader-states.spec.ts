import { describe, expect, it } from 'vitest';
import {
  GROUP_READER_TRANSITIONS,
  type GroupReaderState,
  mayBecome,
} from '../../../../../src/bus/subscribe/group/group-reader-states.js';

const STATES = Object.keys(GROUP_READER_TRANSITIONS) as GroupReaderState[];
const leadingTo = (state: GroupReaderState): GroupReaderState[] =>
  STATES.filter(from => mayBecome(from, state));

describe('the states of a reader of a group', () => {
  it('work once at a time, and from a backoff at once', () => {
    expect(leadingTo('working')).toEqual(['idle', 'backingOff']);
  });

  it('back off from work only', () => {
    expect(leadingTo('backingOff')).toEqual(['working']);
  });

  it('stop for good, whatever they are', () => {
    expect(leadingTo('stopped')).toEqual(['idle', 'working', 'backingOff']);
    expect(STATES.filter(to => mayBecome('stopped', to))).toEqual([]);
  });
});
