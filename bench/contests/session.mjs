/** Stores of express-session in Redis: this package, and connect-redis. */
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { takeTurns } from '../support/turns.mjs';

const IN_FLIGHT = 100;
const SCHEDULE = { turns: 8, turnMilliseconds: 200, warmupMilliseconds: 400 };

const SESSION = {
  cookie: { originalMaxAge: 86_400_000, httpOnly: true, path: '/' },
  user: { id: 4711, name: 'Ada Lovelace', roles: ['author', 'editor'] },
};

const { openState } = await importApp('shared-state');
const { inFlight } = await importApp('in-flight');
const { ClusterSessionStore } = await importApp('session');

/**
 * What express-session does for a request that changes the session.
 *
 * @param {import('express-session').Store} store
 * @param {string} id
 * @returns {Promise<void>}
 */
function readAndWrite(store, id) {
  return new Promise((resolve, reject) => {
    store.get(id, (error, session) => {
      if (error) {
        reject(error);
      } else {
        store.set(id, session ?? /** @type {any} */ (SESSION), failure =>
          failure ? reject(failure) : resolve(),
        );
      }
    });
  });
}

const candidate =
  (/** @type {import('express-session').Store} */ store) => (/** @type {number} */ milliseconds) =>
    inFlight(IN_FLIGHT, milliseconds, index => readAndWrite(store, `visitor-${index}`));

await contest(async ({ redis, round }) => {
  const { state } = await openState(redis);
  const client = createClient({ url: redis });
  await client.connect();
  const ours = new ClusterSessionStore(state);
  const theirs = new RedisStore({ client });
  return {
    requests: await takeTurns(
      { ours: candidate(ours), theirs: candidate(theirs) },
      SCHEDULE,
      round,
    ),
  };
});
