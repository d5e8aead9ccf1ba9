import { inTurn, rounds } from '../support/rounds.mjs';
import { runContest } from '../support/run-contest.mjs';

const ROUNDS = 15;
const TARGET = { atMost: 0.08 };

/** @type {['import' | 'require', string][]} */
const KINDS = [
  ['import', 'ES modules'],
  ['require', 'CommonJS'],
];

/**
 * The CPU time of an import of this package in a process that has imported Nest.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function imports(progress) {
  const samples = await rounds(ROUNDS, progress, async round => {
    /** @type {Record<string, { ours: number, nest: number }>} */
    const sample = {};
    for (const [kind] of inTurn(KINDS, round)) {
      sample[kind] = await runContest('imports', { round, args: [kind] });
    }
    return sample;
  });
  return {
    title: 'CPU time of the import of this package ÷ that of @nestjs/common and @nestjs/core',
    notes: [
      `${ROUNDS} rounds of new processes, each of which imports Nest first. What only some processes need is loaded later, when the role of the process is known.`,
    ],
    rows: KINDS.map(([kind, name]) => ({
      name,
      unit: 'ms',
      values: samples.map(sample => sample[kind]?.ours ?? NaN),
      base: samples.map(sample => sample[kind]?.nest ?? NaN),
      target: TARGET,
    })),
  };
}
