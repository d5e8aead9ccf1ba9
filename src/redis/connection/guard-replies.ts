import { ownRequire } from '../../system/own-require.js';
import { integer, text } from '../../validation/shape/scalars.js';
import { list } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';

/** An option that marks clients of this package. ioredis ignores it, and copies it to duplicates. */
const MARK = 'isGuardedByNestjsCluster';

/** The option that marks a client. @internal */
export const GUARDED = { [MARK]: true } as const;

const SLOTS = 16_384;

/** The part of ioredis' reply reader that is used here. */
interface DataHandler {
  readonly redis: { readonly options: Record<string, unknown> };
  returnReply(reply: unknown): void;
  returnPush?(reply: unknown): void;
  returnFatalError(error: Error): void;
}

/** The client with which ioredis asks a node for the topology. */
interface TopologyClient extends RedisNode {
  cluster(subcommand: string, callback: (error: Error | null, reply?: unknown) => void): unknown;
}

const guarded = new WeakSet<object>();

/**
 * Replaces a connection whose server violates the protocol. Without this, an invalid reply to `SUBSCRIBE` makes
 * ioredis throw an uncaught exception, which would end the process.
 *
 * Relies on the class `DataHandler` of ioredis, whose methods are called with each reply. Clients without the mark
 * are not affected.
 *
 * @internal
 */
export async function guardReplies(): Promise<void> {
  let handler: DataHandler | undefined;
  try {
    const path = 'ioredis/built/DataHandler.js';
    const module = ownRequire()(path) as { readonly default: unknown };
    handler = (module.default as { readonly prototype: DataHandler }).prototype;
  } catch {
    // Another version of ioredis, or a bundle without this module.
    return;
  }
  if (guarded.has(handler)) {
    return;
  }
  guarded.add(handler);
  for (const name of ['returnReply', 'returnPush'] as const) {
    const original = handler[name];
    if (original) {
      handler[name] = function (this: DataHandler, reply: unknown): void {
        if (this.redis.options[MARK] !== true) {
          original.call(this, reply);
          return;
        }
        try {
          original.call(this, reply);
        } catch (error) {
          this.returnFatalError(new Error(redisMessages.brokenProtocol(), { cause: error }));
        }
      };
    }
  }
}

/**
 * Makes a cluster client ignore an invalid topology, for the same reason.
 *
 * Relies on ioredis asking for `CLUSTER SLOTS` over a duplicate of the client of a node, with a callback.
 *
 * @internal
 */
export function guardTopology(client: RedisNode): void {
  if (!isCluster(client)) {
    return;
  }
  client.on('+node', node => {
    const duplicate = node.duplicate.bind(node);
    node.duplicate = options => {
      const twin = duplicate(options) as TopologyClient;
      const ask = twin.cluster.bind(twin);
      twin.cluster = (subcommand, callback) =>
        ask(subcommand, (error, reply) => {
          const mismatch = error ? undefined : topology(reply);
          if (mismatch) {
            callback(new Error(redisMessages.unexpectedReply('CLUSTER SLOTS', mismatch)));
          } else {
            callback(error, reply);
          }
        });
      return twin;
    };
  });
}

const slot = integer({ min: 0, max: SLOTS - 1 });

/** A node; ioredis leaves out nodes without an address. */
const node: Shape<unknown> = value =>
  Array.isArray(value) && value.length >= 2
    ? value[0] === null
      ? undefined
      : (text({ maxLength: 255 })(value[0]) ?? integer({ min: 0, max: 65_535 })(value[1]))
    : { path: [], expected: 'an address', received: value };

/** A range: the first and the last slot, and their nodes. */
const range: Shape<unknown> = value =>
  Array.isArray(value)
    ? (slot(value[0]) ?? slot(value[1]) ?? list(node)(value.slice(2)))
    : { path: [], expected: 'a range of slots', received: value };

const topology: Shape<unknown> = list(range, { maxLength: SLOTS });
