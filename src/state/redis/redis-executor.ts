import type { Logger } from '@nestjs/common';
import { monotonicNow } from '../../process/monotonic-now.js';
import type { RedisConnection } from '../../redis/connect-redis.js';
import { RedisAvailability } from '../../redis/redis-availability.js';
import { isCluster } from '../../redis/redis-client.interface.js';
import { redisMessages } from '../../redis/redis.messages.js';
import type { Word } from '../../redis/script.js';
import { SilentNodes } from '../../redis/silent-nodes.js';
import type { OperationResult } from '../operation.js';
import { partitionOf } from '../partition.js';
import { stateMessages } from '../state.messages.js';
import type {
  Batch,
  ExecutorObserver,
  OperationPlace,
  Outcome,
  StateExecutor,
} from '../state-executor.interface.js';
import { batchScript } from './batch-script.js';
import { keysOf, readReply, wordsOf } from './encoding.js';
import { GrantSubscription } from './grant-subscription.js';
import { RedisKeys } from './redis-keys.js';
import { isDemotion, isRefusal } from './reply-error.js';
import { LaneRenewals } from './lane-renewals.js';
import { ServerClock } from './server-clock.js';
import { stateScript } from './state-script.js';

/** How long the last batch of a lane is remembered at least, in milliseconds; see memory.lua. */
const RETENTION = 3_600_000;

/** Milliseconds that a wait for replicas may keep a connection from everything else, before it is tried again. */
const MAX_WAIT = 100;

/** As texts of one length, sequences are compared without being read. */
const SEQUENCE_DIGITS = 16;

const LONE_INCREMENT = stateScript('lone-increment');
const RECALL = stateScript('memory', 'recall');

/** The time of the server, where it tells it, and what came of each operation. */
type Reply = [time: number | string | undefined, ...results: unknown[]];

/**
 * The shared state in a Redis server, the master that Sentinels know, or a Redis Cluster.
 *
 * @internal
 */
export class RedisExecutor implements StateExecutor {
  readonly retention = RETENTION;
  readonly #keys: RedisKeys;
  readonly #clocks = new Map<number, ServerClock>();
  readonly #renewals = new LaneRenewals();
  readonly #availability: RedisAvailability;
  readonly #isCluster: boolean;
  readonly #silentNodes: SilentNodes | undefined;
  #serverTime = { value: 0, at: 0 };
  #client = '';
  #observer: ExecutorObserver | undefined;
  #grants: GrantSubscription | undefined;
  #wasLost = false;

  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
  ) {
    this.#isCluster = isCluster(connection.client);
    this.#keys = new RedisKeys(namespace, this.#isCluster);
    const { client, isOurs } = connection;
    this.#silentNodes =
      isCluster(client) && isOurs
        ? new SilentNodes(client, address => logger.warn(redisMessages.silent(address)))
        : undefined;
    this.#availability = new RedisAvailability(client, isOurs, this.#keys.greeting(), {
      onAvailable: time => this.#onAvailable(time),
      onUnavailable: why => this.#onUnavailable(why),
    });
  }

  get unavailableSince(): number | undefined {
    return this.#availability.unavailableSince;
  }

  open(client: string, observer: ExecutorObserver): void {
    this.#client = client;
    this.#observer = observer;
  }

  partitionOf(key: string): number {
    // One server takes all keys in one batch.
    return this.#isCluster ? partitionOf(key) : 0;
  }

  async execute(batch: Batch): Promise<Outcome> {
    const { client } = this.connection;
    if (client.status !== 'ready') {
      return { type: 'refused', why: stateMessages.unreachable() };
    }
    const clock = this.#clockOf(batch.partition);
    const renewal = this.#renewals.isDue(batch);
    const sequence = String(batch.sequence).padStart(SEQUENCE_DIGITS, '0');
    const head = [sequence, clock.at(batch.deadline), renewal ? 'renew' : ''];
    try {
      const [reply, replicas] = await this.#send(batch, head, clock.isFresh);
      const outcome = outcomeOf(batch, clock, reply, replicas);
      if (renewal && outcome.type === 'applied') {
        this.#renewals.done(batch);
      }
      return outcome;
    } catch (error) {
      return this.#outcomeOfError(error as Error);
    }
  }

  async #send(
    batch: Batch,
    head: readonly Word[],
    isFresh: boolean,
  ): Promise<readonly [reply: Reply, replicas: number]> {
    const { client } = this.connection;
    const { partition, lane, operations, replicas } = batch;
    const keys = [this.#keys.lane(partition, lane)];
    const args = [...head];
    for (const operation of operations) {
      keys.push(...keysOf(operation, this.#keys));
      args.push(...wordsOf(operation, this.#keys));
    }
    if (replicas > 0) {
      const script = batchScript(operations);
      const [reply, count] = await script.runAndWait(
        client,
        keys,
        args,
        replicas,
        timeToWait(batch),
      );
      return [reply as Reply, count];
    }
    // It does not tell the time, which has to be heard now and then.
    if (isFresh && operations.length === 1 && args[head.length] === 'add') {
      const total = await LONE_INCREMENT.run(client, keys, [...head, args[head.length + 1]!]);
      if (total !== null) {
        return [[undefined, total], 0];
      }
    }
    return [(await batchScript(operations).run(client, keys, args)) as Reply, 0];
  }

  suspect(): void {
    if (this.#silentNodes) {
      // The others work, and those who need them do not wait.
      void this.#silentNodes.cut();
    } else if (!this.#isCluster) {
      this.#availability.suspect(stateMessages.unanswered());
    }
  }

  async listen(): Promise<void> {
    this.#grants ??= new GrantSubscription(
      this.connection,
      this.#keys.grantChannel(this.#client),
      grant => this.#observer?.onGrant(grant),
      message => this.logger.warn(message),
    );
    await this.#grants.ready;
  }

  async recall({
    name,
    partition,
    lane,
    sequence,
    index,
  }: OperationPlace): Promise<OperationResult | undefined> {
    if (this.connection.client.status !== 'ready') {
      throw new Error(stateMessages.unreachable());
    }
    const key = this.#keys.lane(partition, lane);
    const record = await RECALL.run(this.connection.client, [key], []);
    const [last, ...results] = (record ?? []) as [number?, ...unknown[]];
    return Number(last) === sequence ? readReply(name, results[index] ?? null) : undefined;
  }

  async close(): Promise<void> {
    this.#availability.close();
    await this.#grants?.close();
    await this.connection.close();
  }

  #onAvailable(serverTime: number): void {
    this.#clocks.clear();
    this.#serverTime = { value: serverTime, at: monotonicNow() };
    if (this.#wasLost) {
      this.#wasLost = false;
      this.logger.log(stateMessages.regained());
    }
    this.#observer?.onAvailable();
  }

  #onUnavailable(why: string): void {
    this.#wasLost = true;
    this.logger.warn(stateMessages.lost(why));
  }

  /** The servers of a cluster have a clock each: those of each partition are learned as it is used. */
  #clockOf(partition: number): ServerClock {
    let clock = this.#clocks.get(partition);
    if (!clock) {
      clock = new ServerClock(this.#serverTime.value - this.#serverTime.at);
      this.#clocks.set(partition, clock);
    }
    return clock;
  }

  #outcomeOfError(error: Error): Outcome {
    if (isDemotion(error) && !this.#isCluster) {
      this.#availability.suspect(error.message);
    }
    return {
      type: isRefusal(error) ? 'refused' : 'unknown',
      why: stateMessages.redisSaid(error.message),
      cause: error,
    };
  }
}

function outcomeOf(
  { operations, replicas: wanted }: Batch,
  clock: ServerClock,
  [time, ...replies]: Reply,
  replicas: number,
): Outcome {
  if (time !== undefined) {
    clock.observe(Number(time));
  }
  if (replies.length === 0) {
    return { type: 'void' };
  }
  if (replicas < wanted) {
    return { type: 'unknown', why: stateMessages.tooFewReplicas(replicas, wanted) };
  }
  const results = operations.map(({ name }, index) => readReply(name, replies[index] ?? null));
  return { type: 'applied', results };
}

function timeToWait({ deadline }: Batch): number {
  return Math.max(1, Math.min(MAX_WAIT, Math.floor(deadline - monotonicNow())));
}
