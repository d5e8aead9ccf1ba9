import { describe, expect, it } from 'vitest';
import {
  addEvents,
  addSample,
  columnsOf,
  conditionOf,
  EMPTY,
  gradeOf,
  peaksOf,
  slotsOf,
  sumOf,
  vitalsOf,
  whyUnknown,
  withMessage,
} from '../../../../src/dashboard/assets/model.js';
import { largeHost, mixedHost, overviewOf } from '../../../support/dashboard/fake-host.mjs';

const AT = 1_780_000_000_000;

const sample = (at: number, ...memory: (number | null)[]) => ({
  at,
  slots: memory.map(value => [value, null, null, null]),
});

const event = (sequence: number) => ({ sequence, event: { type: 'workerOnline', at: AT } });

const sequences = (model: { events: readonly { sequence: number }[] }) =>
  model.events.map(({ sequence }) => sequence);

describe('the model of the page', () => {
  const first = withMessage(EMPTY, 'overview', overviewOf(mixedHost(AT)), 10);

  it('has 15 minutes after the first message', () => {
    expect(first.history).toHaveLength(450);
    expect(first.history.at(-1)).toEqual(mixedHost(AT).sample);
    expect(first.latest.namespace).toBe('ticket-shop');
    expect(first.receivedAt).toBe(10);
  });

  it('adds what an update tells, and keeps what only the first message has', () => {
    const update = { ...mixedHost(AT + 2_000), events: [event(30), event(31)] };
    const second = withMessage(first, 'update', update, 2_010);
    expect(second.history).toHaveLength(450);
    expect(second.history.at(-1).at).toBe(AT + 2_000);
    expect(second.latest).toMatchObject({ at: AT + 2_000, version: '0.1.0' });
    expect(sequences(second).slice(-2)).toEqual([30, 31]);
    expect(second.receivedAt).toBe(2_010);
    expect(first.history.at(-1).at).toBe(AT);
  });

  it('does not call values new that a host repeats', () => {
    const again = withMessage(first, 'update', mixedHost(AT), 8_000);
    expect(again.receivedAt).toBe(10);
    expect(again.history).toEqual(first.history);
    const connected = withMessage(again, 'overview', overviewOf(mixedHost(AT)), 9_000);
    expect(connected.receivedAt).toBe(10);
  });

  it('keeps events over a new connection to the same primary, and none of another primary', () => {
    const later = overviewOf({ ...mixedHost(AT + 60_000), events: [] });
    const same = withMessage(first, 'overview', { ...later, events: [event(40)] }, 60_000);
    expect(sequences(same)).toEqual([...sequences(first), 40]);
    const host = { ...later.host, pid: 9_999 };
    const other = withMessage(first, 'overview', { ...later, host, events: [event(1)] }, 60_000);
    expect(sequences(other)).toEqual([1]);
    expect(other.receivedAt).toBe(60_000);
  });

  it('knows the newest section of each view, and ignores messages that it does not know', () => {
    const section = { workers: [] };
    const second = withMessage(first, 'section', { view: 'connections', section }, 20);
    expect(second.sections).toEqual({ connections: section });
    expect(withMessage(second, 'something', {}, 30)).toBe(second);
    expect(withMessage(EMPTY, 'update', mixedHost(AT), 30)).toBe(EMPTY);
  });
});

describe('the history', () => {
  it('has no sample twice', () => {
    const history = [sample(1, 1), sample(3, 3)];
    expect(addSample(history, sample(3, 9))).toBe(history);
    expect(addSample(history, sample(5, 5)).map(({ at }) => at)).toEqual([1, 3, 5]);
  });

  it('begins again when the clock of the host was set back', () => {
    const history = addSample([sample(1, 1), sample(3, 3)], sample(2, 9));
    expect(history).toEqual([sample(2, 9)]);
    expect(addSample(history, sample(4, 5)).map(({ at }) => at)).toEqual([2, 4]);
    const overview = { ...mixedHost(AT), sample: sample(4, 4) };
    const times = [1, 7, 9, 2, 3].map(at => sample(at, 1));
    const model = withMessage(EMPTY, 'overview', { ...overview, history: times }, 0);
    expect(model.history.map(({ at }: { at: number }) => at)).toEqual([2, 3, 4]);
  });

  it('gives the columns of a plot; a slot that did not exist yet is unknown', () => {
    const history = [sample(1, 10), sample(3, 11, 20), sample(5, null, 21)];
    expect(slotsOf(history)).toBe(2);
    expect(columnsOf(history, 0, 2)).toEqual([
      [1, 3, 5],
      [10, 11, null],
      [null, 20, 21],
    ]);
  });

  it('gives peaks, the last of which ends with the newest sample', () => {
    const history = [1, 9, 2, null, null, 7, 3].map((value, at) => sample(at, value));
    expect(peaksOf(history, 0, 0, 4)).toEqual([1, 9, null, 7]);
    expect(peaksOf([], 0, 0, 4)).toEqual([]);
  });

  it('has at most 500 events', () => {
    const many = addEvents(
      [],
      Array.from({ length: 600 }, (_, place) => event(place + 1)),
    );
    expect(many).toHaveLength(500);
    expect(many.at(-1)).toEqual(event(600));
  });
});

describe('what the page concludes', () => {
  it('a sum says how many values are unknown', () => {
    expect(sumOf([1, 2, null])).toEqual({ sum: 3, unknown: 1 });
    expect(sumOf([null, undefined])).toEqual({ sum: null, unknown: 2 });
  });

  it('a worker whose heartbeat is overdue is blocked', () => {
    expect(mixedHost(AT).workers.map(conditionOf)).toEqual([
      'ready',
      'ready',
      'blocked',
      'booting',
      'draining',
    ]);
    expect(conditionOf({ state: 'ready', isOverloaded: true })).toBe('overloaded');
    expect(largeHost(AT).workers.map(conditionOf)).toEqual(Array(64).fill('ready'));
  });

  it('of a blocked worker, only the delay of its event loop is known', () => {
    const [ready, , blocked, booting] = mixedHost(AT).workers;
    expect(vitalsOf(ready)).toBe(ready!.vitals);
    expect(vitalsOf(blocked)).toEqual({ eventLoopDelayP99: 12_400 });
    expect(vitalsOf(booting)).toEqual({});
    const exited = { ...ready!, state: 'exited' };
    expect(vitalsOf(exited)).toEqual({});
    expect([blocked, booting, exited].map(whyUnknown)).toEqual([
      'blocked',
      'not measured yet',
      'exited',
    ]);
  });

  it('an exit is bad unless the worker has left', () => {
    expect(gradeOf({ type: 'workerExited', reason: 'hung' })).toBe('bad');
    expect(gradeOf({ type: 'workerExited', reason: 'left' })).toBe('plain');
    expect(gradeOf({ type: 'reloadFinished', outcome: 'failed' })).toBe('bad');
    expect(gradeOf({ type: 'somethingNew' })).toBe('plain');
  });
});
