import { eventually } from '../eventually.js';
import { freeClusterPort } from './cluster-port.js';
import { hasSlot, selfViewOf, viewOf } from './cluster-view.js';
import { RedisServer } from './redis-server.js';

const MASTERS = 3;
const SLOTS = 16_384;

const CONFIG = [
  'cluster-enabled yes',
  'cluster-config-file nodes.conf',
  // A replica may take over however long it has not heard from its master, because a test may have paused the master.
  'cluster-replica-validity-factor 0',
];

/** Milliseconds for steps that take two or three seconds. A restarted master waits two seconds. */
const DEADLINE = 45_000;

/** Milliseconds after which a replica gives up a requested failover; in fact five seconds. */
const FAILOVER_TIMEOUT = 6_000;

export interface RedisClusterOptions {
  /** As for a single server: otherwise, a master that restarts before its replica takes over loses its data. */
  readonly persistent?: boolean;
  /** Milliseconds after which a silent node counts as failed, and its replica takes over. */
  readonly nodeTimeout?: number;
}

/** Three masters with one replica each, on ports of 127.0.0.1. */
export class RedisCluster {
  /** Resolves when all keys can be read and written, and all replicas are connected to their masters. */
  static async start({
    nodeTimeout = 1_000,
    ...options
  }: RedisClusterOptions = {}): Promise<RedisCluster> {
    const config = [...CONFIG, `cluster-node-timeout ${nodeTimeout}`];
    const nodes = await Promise.all(
      Array.from({ length: 2 * MASTERS }, () =>
        RedisServer.start({ ...options, config, port: freeClusterPort }),
      ),
    );
    const cluster = new RedisCluster(nodes);
    try {
      await cluster.#form();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private constructor(readonly nodes: readonly RedisServer[]) {}

  /** The start nodes for a client. */
  get seeds(): { host: string; port: number }[] {
    return this.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** The node that takes writes to the key now. Rejects if no running node does. */
  async masterOf(key: string): Promise<RedisServer> {
    const master = await this.#masterOf(await this.#slotOf(key));
    if (!master) {
      throw new Error(`No running node is the master of ${key}.`);
    }
    return master;
  }

  /** The replica of the key's master. */
  async replicaOf(key: string): Promise<RedisServer> {
    return this.#replicaOf(await this.masterOf(key));
  }

  /** Kills the key's master and returns it. Its replica takes over within a second or two. */
  async killMaster(key: string): Promise<RedisServer> {
    const master = await this.masterOf(key);
    await master.kill();
    return master;
  }

  /** Resolves with the key's new master when it takes writes. */
  async untilMaster(key: string, not: RedisServer): Promise<RedisServer> {
    const slot = await this.#slotOf(key);
    let master = not;
    await eventually(
      async () => {
        master = (await this.#masterOf(slot)) ?? not;
        return master !== not && (await saysOk(master));
      },
      DEADLINE,
      () => `The master of ${key} is on port ${master.port}.`,
    );
    return master;
  }

  /** Swaps the roles of the key's master and its replica, without data loss. Returns the new master. */
  async failover(key: string): Promise<RedisServer> {
    const slot = await this.#slotOf(key);
    const old = await this.masterOf(key);
    const replica = await this.#replicaOf(old);
    let told = 0;
    let answer: unknown;
    await eventually(
      async () => {
        if ((await this.#masterOf(slot)) === replica) {
          return (await selfViewOf(old)).flags.includes('slave');
        }
        if (Date.now() - told > FAILOVER_TIMEOUT) {
          told = Date.now();
          // Refused while the replica considers its master dead.
          answer = await replica.command('CLUSTER', 'FAILOVER').catch((error: unknown) => error);
        }
        return false;
      },
      DEADLINE,
      () => `CLUSTER FAILOVER on port ${replica.port}: ${String(answer)}`,
    );
    return replica;
  }

  /** Resolves when all running nodes agree on the roles and the cluster is healthy. */
  async untilHealthy(): Promise<void> {
    let why = '';
    await eventually(
      async () => (why = await this.#whyNotHealthy()) === '',
      DEADLINE,
      () => why,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.stop()));
  }

  /** The steps of `redis-cli --cluster create`, which may not be installed. */
  async #form(): Promise<void> {
    const { nodes } = this;
    await Promise.all(
      nodes.flatMap((node, index) => [
        // Otherwise all nodes begin with the same epoch, and need time to resolve the conflict.
        node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1),
        ...(index < MASTERS ? [node.command('CLUSTER', 'ADDSLOTS', ...slotsOfMaster(index))] : []),
      ]),
    );
    // Each node meets every other node: gossip would take longer.
    await Promise.all(
      nodes.flatMap((node, index) =>
        nodes
          .slice(index + 1)
          .map(({ port }) => node.command('CLUSTER', 'MEET', '127.0.0.1', port)),
      ),
    );
    const masterIds = await Promise.all(
      nodes.slice(0, MASTERS).map(async node => (await selfViewOf(node)).id),
    );
    await Promise.all(
      nodes.slice(MASTERS).map((node, index) => replicate(node, masterIds[index] ?? '')),
    );
    await this.untilHealthy();
  }

  get #up(): RedisServer[] {
    return this.nodes.filter(({ isUp }) => isUp);
  }

  async #slotOf(key: string): Promise<number> {
    const [anyNode] = this.#up;
    return Number(await anyNode?.command('CLUSTER', 'KEYSLOT', key));
  }

  /** If several nodes consider themselves the master, the last one wins: others may not have heard of it yet. */
  async #masterOf(slot: number): Promise<RedisServer | undefined> {
    const candidates = await Promise.all(
      this.#up.map(async server => ({ server, view: await selfViewOf(server) })),
    );
    return candidates
      .filter(({ view }) => view.flags.includes('master') && hasSlot(view, slot))
      .toSorted((one, other) => other.view.epoch - one.view.epoch)[0]?.server;
  }

  async #replicaOf(master: RedisServer): Promise<RedisServer> {
    const { id } = await selfViewOf(master);
    for (const node of this.#up) {
      if ((await selfViewOf(node)).masterId === id) {
        return node;
      }
    }
    throw new Error(`The node on port ${master.port} has no running replica.`);
  }

  /** Returns the first reason why the cluster is not ready. */
  async #whyNotHealthy(): Promise<string> {
    const maps = new Set<string>();
    for (const node of this.#up) {
      if (!(await saysOk(node))) {
        return `The node on port ${node.port} does not say ok.`;
      }
      const [role, , , link] = (await node.command('ROLE')) as unknown[];
      if (role === 'slave' && link !== 'connected') {
        return `The replica on port ${node.port} is not linked to its master: ${String(link)}`;
      }
      maps.add(await slotMap(node));
    }
    const [map = '', ...otherMaps] = maps;
    const words = map.split(/[ ,]+/);
    const isComplete = this.#up.every(({ port }) => words.includes(String(port)));
    return isComplete && otherMaps.length === 0
      ? ''
      : `The nodes disagree, or do not know all nodes: ${[...maps].join('\n')}`;
  }
}

function slotsOfMaster(index: number): number[] {
  const [first = 0, end = 0] = [index, index + 1].map(n => Math.floor((n * SLOTS) / MASTERS));
  return Array.from({ length: end - first }, (_, offset) => first + offset);
}

/** Repeats until the replica knows the master. */
async function replicate(node: RedisServer, masterId: string): Promise<void> {
  await eventually(
    async () =>
      (await viewOf(node)).some(({ id, flags }) => id === masterId && !flags.includes('handshake')),
    DEADLINE,
    () => `The node on port ${node.port} has not heard of ${masterId}.`,
  );
  await node.command('CLUSTER', 'REPLICATE', masterId);
}

async function saysOk(node: RedisServer): Promise<boolean> {
  return String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok');
}

/** The slots and their nodes, masters first, as a node reports them to clients. */
async function slotMap(node: RedisServer): Promise<string> {
  const ranges = (await node.command('CLUSTER', 'SLOTS')) as [number, number, ...unknown[][]][];
  const lines = ranges.map(([first, last, ...servers]) =>
    [`${first}-${last}`, ...servers.map(([, port]) => port)].join(' '),
  );
  return lines.toSorted().join(', ');
}
