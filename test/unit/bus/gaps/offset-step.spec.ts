import { describe, expect, it } from 'vitest';
import { before, isAfter, stepBetween } from '../../../../src/bus/gaps/offset-step.js';

describe('what lies between two offsets', () => {
  it.each([
    ['0-0', '7-1', { type: 'next' }],
    ['7-1', '7-2', { type: 'next' }],
    ['7-2', '7-2', { type: 'known' }],
    ['7-3', '7-2', { type: 'known' }],
    ['8-1', '7-9', { type: 'known' }],
    ['7-2', '7-6', { type: 'trimmed', missed: 3 }],
    ['0-0', '7-4', { type: 'trimmed', missed: 3 }],
    ['7-2', '8-1', { type: 'lost' }],
    ['7-0', '7-1', { type: 'next' }],
  ])('%s and %s', (last, next, step) => {
    expect(stepBetween(last, next)).toEqual(step);
  });

  it.each([
    ['7-2', '8-3', { type: 'next' }],
    ['7-2', '8-2', { type: 'lost' }],
    ['7-2', '8-4', { type: 'lost' }],
    ['7-2', '7-4', { type: 'trimmed', missed: 1 }],
    ['8-1', '7-2', { type: 'known' }],
  ])('%s and %s, if a greater epoch continues the log', (last, next, step) => {
    expect(stepBetween(last, next, true)).toEqual(step);
  });

  it('is told of order, too', () => {
    expect(before('7-3')).toBe('7-2');
    expect(before('7-0')).toBe('7-0');
    expect(isAfter('7-10', '7-9')).toBe(true);
    expect(isAfter('7-9', '7-9')).toBe(false);
    expect(isAfter('7-9', '10-1')).toBe(false);
  });
});
