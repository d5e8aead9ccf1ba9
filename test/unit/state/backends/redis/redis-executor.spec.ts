import { beforeEach, expect, it } from 'vitest';
import type { RedisLink } from '../../../../../src/redis/redis-link.js';
import { RedisExecutor } from '../../../../../src/state/backends/redis/redis-executor.js';
import { monotonicNow } from '../../../../../src/system/time/monotonic-now.js';
import type { Batch } from '../../../../../src/state/state-executor.interface.js';

/** The replies of which the connection was told. */
let refused: string[];

beforeEach(() => void (refused = []));

/** The outcome of a batch whose command fails. */
function outcomeOf(reason: Error) {
  const fail = (): Promise<never> => Promise.reject(reason);
  const link = {
    isCluster: false,
    clientFor: () => ({ evalsha: fail, eval: fail }),
    refused: (text: string) => void refused.push(text),
    availability: { serverOffset: 0, observe: () => () => {} },
  };
  const executor = new RedisExecutor(link as unknown as RedisLink, 'shop');
  const batch: Batch = {
    partition: 0,
    lane: 'a',
    sequence: 1,
    operations: [{ name: 'get', key: 'k' }],
    deadline: monotonicNow() + 1_000,
    replicas: 0,
  };
  return executor.execute(batch);
}

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });

it.each([
  ['Connection is closed.', 'unknown', 'the backend is unreachable'],
  ['Command timed out', 'unknown', 'the backend is unreachable'],
])('does not repeat the text of ioredis: %s', async (message, type, why) => {
  const error = new Error(message);
  expect(await outcomeOf(error)).toEqual({ type, why, cause: error, isFinal: false });
  expect(refused).toEqual([]);
});

it.each([
  ['ERR Error running script', 'unknown'],
  ['BUSY Redis is busy running a script', 'refused'],
  ['BUSYGROUP Consumer Group name already exists', 'unknown'],
  ['LOADING Redis is loading the dataset in memory', 'refused'],
])('says what the server replied: %s', async (message, type) => {
  expect(await outcomeOf(reply(message))).toMatchObject({
    type,
    why: `Redis reported an error: ${message}`,
    isFinal: false,
  });
  expect(refused).toEqual([message]);
});

it.each([
  "NOPERM this user has no permissions to run the 'evalsha' command",
  "ERR unknown command 'EVALSHA'",
  'ERR Protocol error: invalid bulk length',
])('does not send a batch again that the server would never run: %s', async message => {
  expect(await outcomeOf(reply(message))).toMatchObject({ type: 'refused', isFinal: true });
  expect(refused).toEqual([message]);
});

it.each([
  "ERR The user executing the script can't run this command or subcommand script: 94c4, on @user_script:1.",
  "NOPERM ACL failure in script: User app has no permissions to run the 'set' command",
])('does not send a batch again that may be applied in part: %s', async message => {
  expect(await outcomeOf(reply(message))).toMatchObject({ type: 'unknown', isFinal: true });
  expect(refused).toEqual([message]);
});
