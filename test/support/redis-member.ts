import { hostname } from 'node:os';
import { BusClient } from '../../src/bus/bus-client.js';
import type { BusFault } from '../../src/bus/bus-fault.interface.js';
import type { Sender } from '../../src/bus/membership/bus-member.interface.js';
import { ConsumerOffsets } from '../../src/bus/subscribe/durable/consumer-offsets.js';
import { RedisTransport } from '../../src/bus/transports/redis/redis-transport.js';
import type { RedisTarget } from '../../src/redis/options/redis-target.js';
import { connectRedis } from '../../src/redis/connection/connect-redis.js';
import { RedisLink } from '../../src/redis/redis-link.js';
import { RedisExecutor } from '../../src/state/backends/redis/redis-executor.js';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { StateClient } from '../../src/state/client/state-client.js';

export interface RedisMemberOptions {
  readonly namespace: string;
  /** The deadline of each call, in milliseconds. */
  readonly timeout?: number;
}

/** State and bus of one application on Redis, in the process of the test. */
export class RedisMember {
  static async of(redis: RedisTarget, options: RedisMemberOptions): Promise<RedisMember> {
    const logged: string[] = [];
    const connection = await connectRedis(redis, message => logged.push(message));
    return new RedisMember(connection, options, logged);
  }

  readonly link: RedisLink;
  readonly state: StateClient;
  readonly bus: BusClient;
  readonly keys: RedisKeys;
  readonly faults: BusFault[] = [];

  private constructor(
    connection: Awaited<ReturnType<typeof connectRedis>>,
    readonly options: RedisMemberOptions,
    /** The log lines. */
    readonly logged: string[],
  ) {
    const { namespace, timeout = 5_000 } = options;
    const log = (message: string): void => void logged.push(message);
    this.link = new RedisLink(connection, namespace, { log, warn: log });
    this.keys = RedisKeys.on(this.link, namespace);
    this.state = new StateClient(new RedisExecutor(this.link, namespace), timeout, 0);
    const self: Sender = {
      member: this.state.id,
      host: `${hostname()}:${process.pid}`,
      slot: 0,
      generation: 1,
      id: 1,
      pid: process.pid,
    };
    this.bus = new BusClient({
      self,
      transport: new RedisTransport(this.link, this.keys),
      state: this.state,
      offsets: new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
      options: { timeout, maxPayloadBytes: 1_000_000, maxQueueBytes: 10_000_000 },
      logger: { warn: log, error: log },
      onFault: fault => void this.faults.push(fault),
      onClosed: () => {},
    });
  }

  /** Resolves when Redis is usable, or with the reason why it is not. */
  available(): Promise<string | undefined> {
    const { availability } = this.link;
    if (availability.unavailableSince === undefined) {
      return Promise.resolve(undefined);
    }
    return new Promise(resolve => {
      const stop = availability.observe({
        onAvailable: () => {
          stop();
          resolve(undefined);
        },
        onUnavailable: why => {
          stop();
          resolve(why);
        },
      });
    });
  }

  async close(): Promise<void> {
    await this.bus.close();
    await this.state.close();
    await this.link.close();
  }
}
