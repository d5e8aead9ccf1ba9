import { describe, expect, it } from 'vitest';
import { lastLines } from '../../../../src/supervisor/output/last-lines.js';

describe('lastLines', () => {
  it.each([
    ['everything that fits', 'one\ntwo\n', 8, 'one\ntwo\n'],
    ['no part of a line', 'one\ntwo\n', 7, 'two\n'],
    ['a line that begins there', 'one\ntwo\n', 4, 'two\n'],
    ['an unfinished line that begins there', 'one\ntwo', 5, 'two'],
    ['the end of a line that is too long', 'long line\n', 5, 'line\n'],
    ['the end of an unfinished line that is too long', 'long line', 4, 'line'],
    ['whole characters', 'ééé', 3, 'é'],
    ['nothing of nothing', '', 8, ''],
  ])('returns %s', (_, text, length, lines) => {
    expect(lastLines(Buffer.from(text), length)).toBe(lines);
  });
});
