import { eventually } from '../eventually.js';
import { RedisServer } from './redis-server.js';

const NAME = 'tickets';
const SENTINELS = 3;
const QUORUM = 2;

/** Milliseconds for steps that take two or three seconds, or ten if the sentinels disagree at first. */
const DEADLINE = 45_000;

/** Milliseconds until a failover is requested again: after a refusal, and without one. */
const AFTER_REFUSAL = 200;
const AFTER_CONSENT = 10_000;

export interface RedisSentinelOptions {
  /** One by default. */
  readonly replicas?: 1 | 2;
  /** As for a single server: otherwise, a master that restarts before a replica takes over loses its data. */
  readonly persistent?: boolean;
}

/** A master with replicas on ports of 127.0.0.1, and three sentinels that monitor them. */
export class RedisSentinel {
  /** Resolves when the sentinels know each other and all servers, and the replicas are connected. */
  static async start(options: RedisSentinelOptions = {}): Promise<RedisSentinel> {
    const { replicas = 1, ...serverOptions } = options;
    const started: RedisServer[] = [];
    try {
      const master = await RedisServer.start(serverOptions);
      started.push(master);
      const config = [`replicaof 127.0.0.1 ${master.port}`];
      for (let count = 0; count < replicas; count++) {
        started.push(await RedisServer.start({ ...serverOptions, config }));
      }
      const servers = [...started];
      // A sentinel that finds no replicas asks again after ten seconds.
      await untilLinked(servers);
      for (let count = 0; count < SENTINELS; count++) {
        started.push(await startSentinel(master.port));
      }
      const sentinel = new RedisSentinel(servers, started.slice(servers.length));
      await sentinel.untilHealthy();
      return sentinel;
    } catch (error) {
      await Promise.all(started.map(server => server.stop()));
      throw error;
    }
  }

  /** The name of the master in the sentinels, whichever server it is. */
  readonly name = NAME;

  private constructor(
    /** The master and its replicas. */
    readonly servers: readonly RedisServer[],
    readonly sentinelServers: readonly RedisServer[],
  ) {}

  /** The start nodes for a client. */
  get sentinels(): { host: string; port: number }[] {
    return this.sentinelServers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** The server that the sentinels report as master. Resolves when they agree. */
  async master(): Promise<RedisServer> {
    return this.#untilAgreed(() => true);
  }

  /** Kills the master and returns it. A replica takes over within a few seconds. */
  async killMaster(): Promise<RedisServer> {
    const master = await this.master();
    await master.kill();
    return master;
  }

  /** Resolves with the new master when it takes writes. */
  async untilMaster(not: RedisServer): Promise<RedisServer> {
    return this.#untilAgreed(async server => server !== not && (await roleOf(server)) === 'master');
  }

  /**
   * Makes a replica take over from a healthy master, and returns the replica. The old master continues to take
   * writes, which are lost, until the sentinels make it a replica: about ten seconds.
   */
  async failover(): Promise<RedisServer> {
    const old = await this.master();
    const [sentinel] = this.#upSentinels;
    let again = 0;
    return this.#untilAgreed(async server => {
      if (sentinel && Date.now() > again && (await masterPortOf(sentinel)) === old.port) {
        const answer = await sentinel.command('SENTINEL', 'FAILOVER', NAME).catch(String);
        again = Date.now() + (answer === 'OK' ? AFTER_CONSENT : AFTER_REFUSAL);
      }
      return server !== old && (await roleOf(server)) === 'master';
    });
  }

  /**
   * Resolves when all running servers and sentinels know each other, and the replicas are connected to the master. A
   * former master connects only after about ten seconds.
   */
  async untilHealthy(): Promise<void> {
    const master = await this.#untilAgreed(async server => (await roleOf(server)) === 'master');
    await untilLinked([master, ...this.servers.filter(server => server !== master && server.isUp)]);
    await Promise.all(this.#upSentinels.map(sentinel => this.#untilKnowsAll(sentinel)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers, ...this.sentinelServers].map(server => server.stop()));
  }

  get #upSentinels(): RedisServer[] {
    return this.sentinelServers.filter(({ isUp }) => isUp);
  }

  async #untilAgreed(
    isRight: (master: RedisServer) => boolean | Promise<boolean>,
  ): Promise<RedisServer> {
    let ports = new Set<number>();
    let [master] = this.servers;
    await eventually(
      async () => {
        ports = new Set(await Promise.all(this.#upSentinels.map(masterPortOf)));
        master = this.servers.find(({ port }) => ports.size === 1 && ports.has(port));
        return master !== undefined && (await isRight(master));
      },
      DEADLINE,
      () => `The sentinels take for the master: ${[...ports].join(', ')}`,
    );
    return master!;
  }

  async #untilKnowsAll(sentinel: RedisServer): Promise<void> {
    let state: Record<string, string> = {};
    await eventually(
      async () => {
        state = toRecord(await sentinel.command('SENTINEL', 'MASTER', NAME));
        return (
          state['flags'] === 'master' &&
          state['num-slaves'] === String(this.servers.length - 1) &&
          state['num-other-sentinels'] === String(this.sentinelServers.length - 1)
        );
      },
      DEADLINE,
      () => `The sentinel on port ${sentinel.port} knows: ${JSON.stringify(state)}`,
    );
  }
}

/** A sentinel writes its findings to its configuration file. */
function startSentinel(masterPort: number): Promise<RedisServer> {
  return RedisServer.start({
    args: ['--sentinel'],
    config: [
      `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 3000`,
    ],
  });
}

async function untilLinked([master, ...replicas]: readonly RedisServer[]): Promise<void> {
  let roles: unknown[] = [];
  await eventually(
    async () => {
      roles = await Promise.all(replicas.map(server => server.command('ROLE')));
      return roles.every(role => String(role).includes(`,${master?.port},connected,`));
    },
    DEADLINE,
    () =>
      `The master is on port ${master?.port}. Its replicas say: ${roles.map(String).join('; ')}`,
  );
}

async function masterPortOf(sentinel: RedisServer): Promise<number> {
  const address = await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
  return Number((address as string[])[1]);
}

async function roleOf(server: RedisServer): Promise<unknown> {
  return server.isUp ? ((await server.command('ROLE')) as unknown[])[0] : 'down';
}

function toRecord(pairs: unknown): Record<string, string> {
  const words = pairs as string[];
  return Object.fromEntries(
    words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])),
  );
}
