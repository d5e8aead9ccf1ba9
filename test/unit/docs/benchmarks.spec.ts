import { expect, it } from 'vitest';
import { withFigures } from '../../../bench/support/page.mjs';
import { readRecord } from '../../../bench/support/record.mjs';
import { compare } from '../../../bench/support/regression.mjs';
import { readPage } from '../../support/docs/read-page.js';

const spread = (median: number) => ({ median, min: median, max: median });
const lost = (median: number) => ({ unit: 'lost', absolute: spread(median), noise: 0 });
const start = (median: number, noise: number) => ({ unit: 'ms', ratio: spread(median), noise });
const rate = (median: number, noise: number) => ({ unit: 'req/s', ratio: spread(median), noise });

it('shows in docs/benchmarks.md what bench/record.json contains', async () => {
  const page = readPage('benchmarks.md');
  expect(await withFigures(page, await readRecord())).toBe(page);
});

it.each([
  ['a time that is within the noise of both', start(1, 0.03), start(1.12, 0.03), false],
  ['a time that is beyond it', start(1, 0.03), start(1.13, 0.03), true],
  ['a shorter time', start(1, 0), start(0.5, 0), false],
  ['a lower rate', rate(1, 0.01), rate(0.9, 0.01), true],
  ['a higher rate', rate(1, 0.01), rate(1.1, 0.01), false],
  ['the first loss', lost(0), lost(1), true],
  ['none, as before', lost(0), lost(0), false],
  ['a difference of less than 2 %, without any noise', start(1, 0), start(1.019, 0), false],
])('judges %s', (_, recorded, measured, worse) => {
  expect(compare(recorded, measured).worse).toBe(worse);
});
