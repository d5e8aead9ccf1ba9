import { isCluster, type RedisCluster, type RedisNode } from './redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';
import { asCount, assertOk, assertReply, asTime } from '../redis-replies.js';
import { nullable, text } from '../../validation/shape.js';

/**
 * The version of everything that is stored: names and types of keys, and what stands at them. It is raised only for
 * what hosts of the version before would misread.
 *
 * @internal
 */
export const SCHEMA_VERSION = 1;

/** What a server is asked for. @internal */
export interface ProbeTerms {
  readonly namespace: string;
  readonly database: number;
}

/** A server answers, and must not be used: trying again is of no use until somebody has done something about it. @internal */
export class UnusableRedisError extends Error {
  /** @param isRefusedDatabase whether it has no such database */
  constructor(
    message: string,
    readonly isRefusedDatabase: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Asks a server whether it works for us: that it answers, has our database, takes changes, for it may be a replica, and that
 * what is stored there is of our version.
 *
 * @returns its time in milliseconds; of the masters of a cluster, the earliest
 * @throws UnusableRedisError if it must not be used, Error if it does not work
 * @internal
 */
export async function probe(client: RedisNode, terms: ProbeTerms): Promise<number> {
  if (isCluster(client)) {
    return greetCluster(client, terms);
  }
  if (terms.database !== 0) {
    await selectDatabase(client, terms.database);
  }
  // All at once: nobody can use it before all are answered. Nothing stands at the key.
  const [deleted, time] = await Promise.all([
    client.call('DEL', `${terms.namespace}:{0}~probe`),
    timeOf(client),
    checkSchema(client, terms.namespace),
  ]);
  asCount('DEL', deleted);
  return time;
}

async function greetCluster(client: RedisCluster, { namespace }: ProbeTerms): Promise<number> {
  const times = await Promise.allSettled(client.nodes('master').map(timeOf));
  const known = times.flatMap(time => (time.status === 'fulfilled' ? [time.value] : []));
  if (known.length === 0) {
    throw (
      (times[0] as PromiseRejectedResult | undefined)?.reason ?? new Error('no master is known')
    );
  }
  // The node that has the key may be away, and those that are not can be used.
  await checkSchema(client, namespace).catch((error: unknown) => {
    if (error instanceof UnusableRedisError) {
      throw error;
    }
  });
  return Math.min(...known);
}

async function timeOf(node: RedisNode): Promise<number> {
  return asTime(await node.call('TIME'));
}

/** ioredis goes on in database 0 when a server refuses the one that it was told to select. */
async function selectDatabase(client: RedisNode, database: number): Promise<void> {
  try {
    assertOk('SELECT', await client.call('SELECT', database));
  } catch (error) {
    const { name, message } = error as Error;
    throw name === 'ReplyError' ? new UnusableRedisError(message, true, { cause: error }) : error;
  }
}

async function checkSchema(client: RedisNode, namespace: string): Promise<void> {
  const key = `${namespace}:{0}~schema`;
  const read = async (): Promise<string | null> => {
    const reply = await client.call('GET', key);
    assertReply('GET', nullable(text()), reply);
    return reply as string | null;
  };
  let stored = await read();
  if (stored === null) {
    // A full server takes none, but has no keys of ours either.
    await client.call('SET', key, SCHEMA_VERSION, 'NX').catch(() => {});
    stored = (await read()) ?? String(SCHEMA_VERSION);
  }
  if (!/^\d{1,9}$/.test(stored)) {
    throw new UnusableRedisError(redisMessages.noSchema(key), false);
  }
  if (Number(stored) !== SCHEMA_VERSION) {
    const why = redisMessages.otherSchema(namespace, Number(stored), SCHEMA_VERSION);
    throw new UnusableRedisError(why, false);
  }
}
