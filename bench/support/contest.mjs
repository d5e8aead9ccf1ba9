import { setTimeout as delay } from 'node:timers/promises';

/**
 * What a file of `bench/contests` does: a process in which candidates are measured in turns.
 *
 * Measures, says what came of it, and waits to be ended: what this process has used of the machine is
 * read before.
 *
 * @param {(context: { redis: string, round: number }) => Promise<object>} measure
 */
export async function contest(measure) {
  const redis = process.env['BENCH_REDIS'] ?? '';
  const round = Number(process.env['BENCH_ROUND']);
  const result = await measure({ redis, round });
  process.stdout.write(`@result ${JSON.stringify(result)}\n`);
  await delay(60_000);
}
