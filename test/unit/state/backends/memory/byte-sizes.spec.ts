import { describe, expect, it } from 'vitest';
import { resultBytes } from '../../../../../src/state/backends/memory/structures/byte-sizes.js';
import type { OperationResult } from '../../../../../src/state/operation.js';

const LATIN = 'x'.repeat(10_000);
/** V8 has two bytes for each character of a text with one that is not Latin-1. */
const OTHER = 'ж'.repeat(10_000);

describe('the bytes of a result', () => {
  it.each<[string, (text: string) => OperationResult]>([
    ['a value', text => text],
    ['the entries of a map', text => [[text, text]]],
    ['events of a history', text => ({ entries: [['1-1', text]], last: '1-1', follows: true })],
    ['a failure', found => ({ failed: 'backend', found })],
  ])('are those that the characters take: %s', (_, resultOf) => {
    const texts = JSON.stringify(resultOf('#')).split('#').length - 1;
    expect(resultBytes(resultOf(LATIN))).toBeGreaterThanOrEqual(texts * 10_000);
    expect(resultBytes(resultOf(LATIN))).toBeLessThan(texts * 10_500);
    expect(resultBytes(resultOf(OTHER))).toBeGreaterThanOrEqual(texts * 20_000);
    expect(resultBytes(resultOf(OTHER))).toBeLessThan(texts * 20_500);
  });
});
