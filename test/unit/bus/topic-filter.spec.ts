import { describe, expect, it } from 'vitest';
import { topicMatcher } from '../../../src/bus/topic-filter.js';

describe('a topic matches', () => {
  it.each([
    ['order.paid', 'order.paid'],
    ['order.*', 'order.paid'],
    ['order.*', 'order.item.added'],
    ['order.*', 'order.'],
    ['*', 'anything at all'],
    ['*.paid', 'order.paid'],
    ['order.*.added', 'order.item.added'],
    ['a*b*c', 'a1b2b3c'],
    ['a*a', 'aa'],
    ['**', 'x'],
    ['[x]?.*', '[x]?.y'],
  ])('"%s": "%s"', (filter, topic) => {
    expect(topicMatcher(filter)(topic)).toBe(true);
  });

  it.each([
    ['order.paid', 'order.paid.late'],
    ['order.paid', 'order*paid'],
    ['order.*', 'order'],
    ['order.*', 'my.order.paid'],
    ['*.paid', 'order.paid.late'],
    ['a*a', 'a'],
    ['a*b*b', 'ab'],
    ['order.?', 'order.x'],
    ['*', '$internal'],
  ])('"%s" not: "%s"', (filter, topic) => {
    expect(topicMatcher(filter)(topic)).toBe(false);
  });

  it('in no time, whatever the pattern', () => {
    const matches = topicMatcher('*a*a*a*a*a*a*a*a*b');
    expect(matches('a'.repeat(512))).toBe(false);
  });
});
