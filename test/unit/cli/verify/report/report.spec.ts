import { describe, expect, it } from 'vitest';
import type { Counts } from '../../../../../src/cli/verify/load/tally.js';
import { report } from '../../../../../src/cli/verify/report/report.js';
import type { VerifyResult } from '../../../../../src/cli/verify/report/result.interface.js';

const NOTHING_LOST = { lost: 0, reset: 0, refused: 0, hung: 0, '5xx': 0, wrong: 0 };

const COUNTS: Counts = {
  clients: 32,
  answered: 12_345,
  endedCleanly: 0,
  failures: NOTHING_LOST,
  cutByKills: 0,
  atRest: { count: 2, p50: 1.234, p99: 5 },
  duringReloads: { count: 0 },
};

const PASSED: VerifyResult = {
  passed: true,
  command: ['node', 'dist/main.js'],
  url: 'http://127.0.0.1:3000/',
  duration: 12_345,
  workers: 2,
  clients: { 'keep-alive': COUNTS },
  leftOut: [],
  reloads: [],
  replacements: 0,
  kills: 0,
  failures: [],
  problems: [],
};

describe('the report of a verification', () => {
  it('says in a table what became of the requests', () => {
    expect(report(PASSED).split('\n')).toEqual([
      'node dist/main.js: 2 workers, http://127.0.0.1:3000/, 12.3 s',
      '',
      '            clients  answered  lost  reset  refused  hung  5xx  wrong     p50     p99  reload p50  reload p99',
      'keep-alive       32    12,345     0      0        0     0    0      0  1.2 ms  5.0 ms           -           -',
      '',
      'Passed: nothing was lost.',
    ]);
  });

  it('says how often those who stay connected came back, and what was left out', () => {
    const sse = { ...COUNTS, clients: 8, answered: 24, endedCleanly: 16 };
    const text = report({ ...PASSED, clients: { sse }, leftOut: ['upload', 'websocket'] });
    expect(text).toMatch(/connected .* ended cleanly/);
    expect(text).toMatch(/event stream +8 +24 .* 16\n/);
    expect(text).toContain('Left out: slow upload, without --upload-path.');
    expect(text).toContain('Left out: WebSocket, without --ws-path.');
  });

  it('sums the reloads up, and names those that were not done', () => {
    const reloads = [
      { outcome: 'done', duration: 2_000 },
      { outcome: 'done', duration: 1_000 },
      { outcome: 'failed', duration: 500, error: 'a worker did not boot' },
    ];
    const text = report({ ...PASSED, passed: false, reloads });
    expect(text).toContain('Reloads: 2 of 3 done; fastest 1.0 s, median 2.0 s, slowest 2.0 s.');
    expect(text).toContain('  reload 3: failed after 0.5 s: a worker did not boot');
    expect(text).toMatch(/FAILED\.$/);
  });

  it('tells kills and what they took apart from the rest', () => {
    const clients = { 'one-shot': { ...COUNTS, cutByKills: 7 } };
    const text = report({ ...PASSED, clients, kills: 3 });
    expect(text).toContain('Workers killed: 3. They had 7 in-flight requests and connections');
    expect(text).toContain('nothing was lost except in-flight requests of killed workers');
  });

  it('shows the first failures one by one', () => {
    const failures = Array.from({ length: 25 }, (_, index) => ({
      client: 'keep-alive' as const,
      kind: 'reset' as const,
      code: 'ECONNRESET',
      reused: true,
      openedAt: 1_000,
      at: 1_100 + index,
    }));
    const clients = { 'keep-alive': { ...COUNTS, failures: { ...NOTHING_LOST, reset: 25 } } };
    const lines = report({ ...PASSED, passed: false, clients, failures }).split('\n');
    expect(lines).toContain('The first 20 of 25 failures:');
    expect(lines.filter(line => line.includes('ECONNRESET'))).toHaveLength(20);
    expect(lines).toContain(
      '  1970-01-01T00:00:01.100Z  keep-alive  reset  reused connection  opened 100 ms before    ECONNRESET',
    );
  });

  it('says what else went wrong', () => {
    expect(report({ ...PASSED, passed: false, problems: ['It ended.'] })).toContain('It ended.');
  });
});
