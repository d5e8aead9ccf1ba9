import { peerVersion } from '../support/peers.mjs';
import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;

/**
 * Stores of express-session in Redis: a read and a write of a session, as a request that changes it does.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateSession(progress) {
  const { column, setting } = await redisContest('session', ROUNDS, progress);
  return {
    title: `sessions in Redis ÷ connect-redis ${peerVersion('connect-redis')}`,
    notes: [setting, '100 requests in flight, each with its own session.'],
    rows: [
      {
        name: 'read and write',
        unit: 'requests/s',
        values: column('requests', 'ours'),
        base: column('requests', 'theirs'),
        target: { atLeast: 1 },
      },
    ],
  };
}
