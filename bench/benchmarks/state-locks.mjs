import { peerVersion } from '../support/peers.mjs';
import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;

/**
 * Locks in Redis: acquired and released by one client, and passed on between waiting clients.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateLocks(progress) {
  const { column, setting } = await redisContest('locks', ROUNDS, progress);
  const peers = [
    { key: 'redlock', name: `redlock ${peerVersion('redlock')}` },
    { key: 'semaphore', name: `redis-semaphore ${peerVersion('redis-semaphore')}` },
  ];
  const rows = (/** @type {string} */ discipline, /** @type {string} */ unit) =>
    peers.map(({ key, name }) => ({
      name: `${discipline} ÷ ${name}`,
      unit,
      values: column(discipline, 'ours'),
      base: column(discipline, key),
    }));
  return {
    title: 'locks in Redis ÷ those of other packages, with one server and an empty task',
    notes: [
      setting,
      'Alone: lock and release, one after the other, nobody else wants it. Redlock without, the others with what renews a lease in time.',
      'Contended: 4 of each of 2 clients ask at once, and again when all have had it; how often it passes to one who waits. Ours is handed over; the others look again, after 200 ms (redlock) and 10 ms (redis-semaphore), as they come.',
    ],
    rows: [
      ...rows('alone', 'locks/s').map(row => ({ ...row, target: { atLeast: 1 } })),
      ...rows('contended', 'locks/s'),
    ],
  };
}
