import { setTimeout as delay } from 'node:timers/promises';

/**
 * The main function of a file in `bench/contests`: a process that measures candidates in turns.
 *
 * Measures, sends the result, and waits until it is ended: before that, the resources that this process has used are
 * read.
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
