import { describe, expect, it } from 'vitest';
import { liveList } from '../../../src/nest/live-list.js';

describe('liveList', () => {
  it('has what is there when it is iterated', () => {
    const values = [1];
    const list = liveList(() => values);
    values.push(2);
    expect([...list]).toEqual([1, 2]);
    expect(Array.from(list)).toEqual([1, 2]);
    values.push(3);
    expect([...list, ...list]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('is an array of what was there at first, to those who do not iterate', () => {
    const list = liveList(() => [1, 2]);
    expect(Array.isArray(list)).toBe(true);
    expect(list.map(value => value * 2)).toEqual([2, 4]);
    expect(Object.keys(list)).toEqual(['0', '1']);
  });

  it('is always the same in JSON', () => {
    const values = [1];
    const list = liveList(() => values);
    values.push(2);
    expect(JSON.stringify([list, liveList(() => values)])).toBe('[[],[]]');
  });
});
