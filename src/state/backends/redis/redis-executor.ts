import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { isReplyError } from '../../../redis/connection/is-reply-error.js';
import { redactError } from '../../../redis/connection/redact-error.js';
import { type RedisLink, RedisNotReadyError } from '../../../redis/redis-link.js';
import { assertReply, UnexpectedReplyError } from '../../../redis/redis-replies.js';
import type { Arg } from '../../../redis/lua-script.js';
import { anything } from '../../../validation/shape/scalars.js';
import { list } from '../../../validation/shape/structures.js';
import { isFailure, type Operation } from '../../operation.js';
import { partitionOf } from '../../partition.js';
import { isRemembered, type Recollection } from '../../recollection.js';
import { stateMessages } from '../../state.messages.js';
import {
  type Batch,
  type BatchResult,
  DEFERRED,
  type ExecutorObserver,
  type KeyPage,
  isUnreadable,
  type OperationPlace,
  type Outcome,
  type StateExecutor,
} from '../../state-executor.interface.js';
import { batchScript } from './batch-script.js';
import { argsOf, isDeferral, keysOf, readReply } from './encoding.js';
import { RedisKeys } from './redis-keys.js';
import { describedError, isFinal, isFull, isRefusal } from './reply-error.js';
import { LaneRenewals } from './lane-renewals.js';
import { LONE_SCRIPTS } from './lone-scripts.js';
import { ServerClock } from './server-clock.js';
import { whole } from './reply-shapes.js';
import type { StateInspector } from '../../inspection/state-inspector.interface.js';
import { scanKeys } from './scan-keys.js';
import { stateScript } from './state-script.js';

/** Minimum milliseconds for which the last batch of a lane is remembered; see memory.lua. */
const RETENTION = 3_600_000;

/** Maximum milliseconds of one WAIT, which blocks the connection; it is repeated after that. */
const MAX_WAIT = 100;

/** Sequence numbers have a fixed length, so that they can be compared as texts. */
const SEQUENCE_DIGITS = 16;

/** Stands for the name and the arguments of the operation before, see batch.lua. */
const AGAIN = '"';

const RECALL = stateScript('clock', 'memory', 'recall');

/** The server's time, and the results of the operations. */
type Reply = readonly [time: number | string, ...results: unknown[]];

const SCRIPT = 'a script';

/** The owner that is granted a lock, and the token. */
const GRANT = /^(\S+) (\d{1,16})$/;

/** The reply of batch.lua. Without results, the batch was not applied. */
const REPLY = list(anything);
const TIME = whole(0);
/** The reply of recall.lua. */
const RECORD = list(anything);

/**
 * The shared state in a Redis server, a master that Sentinels name, or a Redis Cluster.
 *
 * @internal
 */
export class RedisExecutor implements StateExecutor {
  readonly #keys: RedisKeys;
  readonly #clocks = new Map<number, ServerClock>();
  readonly #renewals = new LaneRenewals();
  readonly #unobserve: () => void;
  #client = '';
  #observer: ExecutorObserver | undefined;
  #listening: Promise<unknown> | undefined;

  constructor(
    private readonly link: RedisLink,
    namespace: string,
  ) {
    this.#keys = RedisKeys.on(link, namespace);
    this.#unobserve = link.availability.observe({
      onAvailable: () => {
        this.#clocks.clear();
        this.#observer?.onAvailable();
      },
    });
  }

  get unavailableSince(): number | undefined {
    return this.link.availability.unavailableSince;
  }

  get whyUnusable(): string | undefined {
    return this.link.whyUnusable;
  }

  get problems(): readonly string[] {
    return this.link.memory.problems;
  }

  open(client: string, observer: ExecutorObserver): void {
    this.#client = client;
    this.#observer = observer;
  }

  partitionOf(key: string): number {
    // A single server has all keys, so one batch can contain any of them.
    return this.link.isCluster ? partitionOf(key) : 0;
  }

  async execute(batch: Batch): Promise<Outcome> {
    const clock = this.#clockOf(batch.partition);
    const renewal = this.#renewals.isDue(batch);
    const sequence = String(batch.sequence).padStart(SEQUENCE_DIGITS, '0');
    const head = [sequence, clock.at(batch.deadline), renewal ? 'renew' : ''];
    const askedAt = monotonicNow();
    try {
      const [reply, replicas] = await this.#send(batch, head);
      clock.observe(Number(reply[0]), askedAt);
      const outcome = outcomeOf(batch, reply, replicas);
      if (outcome.type === 'applied' && outcome.results.some(isRefusedAsFull)) {
        this.link.memory.refused();
      }
      if (renewal && outcome.type === 'applied') {
        this.#renewals.done(batch);
      }
      return outcome;
    } catch (error) {
      return this.#outcomeOfError(redactError(error as Error));
    }
  }

  async #send(
    batch: Batch,
    head: readonly Arg[],
  ): Promise<readonly [reply: Reply, replicas: number]> {
    const { partition, lane, operations, replicas } = batch;
    const record = this.#keys.lane(partition, lane);
    const client = this.link.clientFor(record);
    const keys = [record];
    const words = this.#wordsOf(operations, keys);
    const args = [...head, ...words];
    if (replicas > 0) {
      const script = batchScript(operations);
      const [reply, count] = await script.runAndWait(
        client,
        keys,
        args,
        replicas,
        timeToWait(batch),
      );
      return [asReply(reply, operations.length), count];
    }
    const lone = operations.length === 1 ? LONE_SCRIPTS.get(words[0]) : undefined;
    if (lone) {
      const reply = await lone.run(client, keys, [...head, ...words.slice(1)]);
      if (reply !== null) {
        return [asReply(reply, 1), 0];
      }
    }
    const reply = await batchScript(operations).run(client, keys, args);
    return [asReply(reply, operations.length), 0];
  }

  /** Returns the names and the arguments of the operations, and adds their keys. */
  #wordsOf(operations: readonly Operation[], keys: string[]): Arg[] {
    const words: Arg[] = [];
    let last: readonly Arg[] = [];
    for (const operation of operations) {
      keys.push(...keysOf(operation, this.#keys));
      const own = argsOf(operation, this.#keys);
      if (own.length > 1 && areEqual(own, last)) {
        words.push(AGAIN);
      } else {
        words.push(...own);
        last = own;
      }
    }
    return words;
  }

  suspect(): void {
    this.link.suspect();
  }

  async listen(): Promise<void> {
    // Scripts publish the grants, and a script must not use channels of another slot, so this channel is not sharded.
    this.#listening ??= this.link.subscriber.subscribeBroadcast(this.#grantChannel, message => {
      // A grant only triggers a request, so a forged message does no harm.
      const [, owner, token] = GRANT.exec(message) ?? [];
      if (owner !== undefined) {
        this.#observer?.onGrant({ owner, token: Number(token) });
      }
    });
    await this.#listening;
  }

  time(partition: number): number {
    return this.#clockOf(partition).at(monotonicNow());
  }

  async recall(
    { name, partition, lane, sequence, index }: OperationPlace,
    at: number,
  ): Promise<Recollection> {
    const client = await this.link.settledClient();
    const record = await RECALL.run(client, [this.#keys.lane(partition, lane)], []);
    assertReply(SCRIPT, RECORD, record);
    const [now, last, ...results] = record as readonly unknown[];
    assertReply(SCRIPT, TIME, now);
    const known = isRemembered(at, Number(now), RETENTION);
    if (last === undefined) {
      return { isRemembered: known };
    }
    assertReply(SCRIPT, TIME, last);
    if (Number(last) !== sequence) {
      return { isRemembered: known };
    }
    const result = readReply(name, results[index] ?? null);
    if (isUnreadable(result)) {
      return { isRemembered: false };
    }
    return { result, isRemembered: known };
  }

  readonly inspector: StateInspector = {
    backend: 'redis',
    inspect: async () => {
      const { inspectRedis } = await import('./inspect-redis.js');
      return inspectRedis(await this.link.settledClient(), this.#keys);
    },
    peek: async (kind, key) => {
      const { peekRedis } = await import('./peek-redis.js');
      return peekRedis(await this.link.settledClient(), this.#keys, kind, key);
    },
  };

  async scan(prefix: string, cursor: string): Promise<KeyPage> {
    return scanKeys(await this.link.settledClient(), this.#keys, prefix, cursor);
  }

  async close(): Promise<void> {
    this.#unobserve();
    if (this.#listening) {
      await this.link.subscriber.unsubscribe(this.#grantChannel);
    }
  }

  get #grantChannel(): string {
    return this.#keys.grantChannel(this.#client);
  }

  /** Each server of a cluster has its own clock, which is estimated by partition. */
  #clockOf(partition: number): ServerClock {
    let clock = this.#clocks.get(partition);
    if (!clock) {
      clock = new ServerClock(this.link.availability.serverOffset);
      this.#clocks.set(partition, clock);
    }
    return clock;
  }

  #outcomeOfError(error: Error): Outcome {
    if (error instanceof RedisNotReadyError) {
      return { type: 'refused', why: error.message };
    }
    if (isReplyError(error)) {
      this.link.refused(error.message);
    }
    if (isFull(error)) {
      this.link.memory.refused();
      return { type: 'full', why: stateMessages.redisFull(error.message), cause: error };
    }
    if (error instanceof UnexpectedReplyError) {
      return { type: 'unknown', why: stateMessages.redisReplied(error.message), cause: error };
    }
    return {
      type: isRefusal(error) ? 'refused' : 'unknown',
      why: describedError(error).message,
      cause: error,
      isFinal: isFinal(error),
    };
  }
}

function isRefusedAsFull(result: BatchResult): boolean {
  return isFailure(result) && result.failed === 'full';
}

function outcomeOf(
  { operations, replicas: wanted }: Batch,
  [, ...replies]: Reply,
  replicas: number,
): Outcome {
  if (replies.length === 0) {
    return { type: 'void' };
  }
  if (replicas < wanted) {
    return { type: 'unknown', why: stateMessages.tooFewReplicas(replicas, wanted) };
  }
  const results = operations.map(({ name }, index) => {
    const reply = replies[index] ?? null;
    return isDeferral(name, reply) ? DEFERRED : readReply(name, reply);
  });
  return { type: 'applied', results };
}

/** @throws UnexpectedReplyError if the reply does not match the number of operations */
function asReply(reply: unknown, operations: number): Reply {
  assertReply(SCRIPT, REPLY, reply);
  const [time, ...results] = reply as readonly unknown[];
  assertReply(SCRIPT, TIME, time);
  if (results.length !== 0 && results.length !== operations) {
    const expected = `a list of ${operations + 1}`;
    assertReply(SCRIPT, () => ({ path: [], expected, received: reply }), reply);
  }
  return [time as number | string, ...results];
}

function areEqual(one: readonly Arg[], other: readonly Arg[]): boolean {
  return one.length === other.length && one.every((arg, index) => arg === other[index]);
}

function timeToWait({ deadline }: Batch): number {
  return Math.max(1, Math.min(MAX_WAIT, Math.floor(deadline - monotonicNow())));
}
