import { within } from '../../system/async/within.js';
import { isReplyError } from './is-reply-error.js';
import { isCluster, type RedisCluster, type RedisNode } from './redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';
import { asCount, assertOk, assertReply, asTime } from '../redis-replies.js';
import { text } from '../../validation/shape/scalars.js';
import { nullable } from '../../validation/shape/structures.js';

/**
 * The version of the schema: names and types of keys, and their contents. Raise it only for changes that hosts of the
 * previous version would misread.
 *
 * @internal
 */
export const SCHEMA_VERSION = 1;

/** Milliseconds to wait for the other nodes of a cluster when one has answered. */
const OTHERS_MILLISECONDS = 500;

/** The parameters of a probe. @internal */
export interface ProbeTerms {
  readonly namespace: string;
  readonly database: number;
}

/** A server answers but must not be used. A retry fails until an operator fixes it. @internal */
export class UnusableRedisError extends Error {
  /** @param isRefusedDatabase whether the server does not have the database */
  constructor(
    message: string,
    readonly isRefusedDatabase: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Called when the node of a cluster with the schema version was slow, and refuses now: after the probe has succeeded.
 *
 * @internal
 */
export type OnLateRefusal = (error: UnusableRedisError) => void;

/**
 * Checks that a server can be used: it answers, has the database, accepts writes (a replica does not), and its data
 * has this version of the schema.
 *
 * @returns the server's time in milliseconds; for a cluster, the earliest time of its masters
 * @throws UnusableRedisError if the server must not be used, Error if it does not work
 * @internal
 */
export async function probe(
  client: RedisNode,
  terms: ProbeTerms,
  onLateRefusal: OnLateRefusal,
): Promise<number> {
  if (isCluster(client)) {
    return probeCluster(client, terms, onLateRefusal);
  }
  if (terms.database !== 0) {
    await selectDatabase(client, terms.database);
  }
  // Sent together, because all answers are needed. Deleting the key has no effect: it is never set.
  const [deleted, time] = await Promise.all([
    client.call('del', `${terms.namespace}:{0}~probe`),
    timeOf(client),
    checkSchema(client, terms.namespace),
  ]);
  asCount('DEL', deleted);
  return time;
}

async function probeCluster(
  client: RedisCluster,
  { namespace }: ProbeTerms,
  onLateRefusal: OnLateRefusal,
): Promise<number> {
  const known: number[] = [];
  const times = client.nodes('master').map(async node => known.push(await timeOf(node)));
  let refusal: unknown;
  let isLate = false;
  const schema = checkSchema(client, namespace).catch((error: unknown) => {
    refusal = error;
    if (isLate && error instanceof UnusableRedisError) {
      onLateRefusal(error);
    }
  });
  await Promise.any(times).catch(({ errors: [error] }: AggregateError) => {
    throw (error as Error | undefined) ?? new Error('no master is known');
  });
  // Some nodes may be unavailable, or hang, such as the one with the key. The other nodes can be used.
  await within(OTHERS_MILLISECONDS, Promise.allSettled([...times, schema]), () => {});
  if (refusal instanceof UnusableRedisError) {
    throw refusal;
  }
  isLate = true;
  return Math.min(...known);
}

async function timeOf(node: RedisNode): Promise<number> {
  return asTime(await node.call('TIME'));
}

/**
 * Selects the database explicitly, because ioredis silently uses database 0 if the server refuses the configured one.
 */
async function selectDatabase(client: RedisNode, database: number): Promise<void> {
  try {
    assertOk('SELECT', await client.call('SELECT', database));
  } catch (error) {
    const cause = error as Error;
    throw isReplyError(cause) ? new UnusableRedisError(cause.message, true, { cause }) : cause;
  }
}

async function checkSchema(client: RedisNode, namespace: string): Promise<void> {
  const key = `${namespace}:{0}~schema`;
  const read = async (): Promise<string | null> => {
    const reply = await client.call('get', key);
    assertReply('GET', nullable(text()), reply);
    return reply as string | null;
  };
  let stored = await read();
  if (stored === null) {
    // A full server refuses the write, but then it has no keys of this namespace either.
    const written = client.call('set', key, SCHEMA_VERSION, 'NX').catch(() => {});
    [stored] = await Promise.all([read(), written]);
    stored ??= String(SCHEMA_VERSION);
  }
  if (!/^\d{1,9}$/.test(stored)) {
    throw new UnusableRedisError(redisMessages.noSchema(key), false);
  }
  if (Number(stored) !== SCHEMA_VERSION) {
    const why = redisMessages.otherSchema(namespace, Number(stored), SCHEMA_VERSION);
    throw new UnusableRedisError(why, false);
  }
}
