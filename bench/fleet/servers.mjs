// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.mjs';
import { provideProgram } from '../../test/support/packages/provide-program.mjs';
import { REDIS_SERVER } from '../../test/support/redis/redis-server-program.mjs';
import { Connection } from './connection.mjs';

const SLOTS = 16_384;

/**
 * Connections: the default of Redis is 10,000. Memory: with its defaults, each receiver that is slower than the server may
 * need 32 MB, which is more than the machine has with thousands of them.
 */
const LIMITS = [
  ['maxclients', 12_000],
  ['maxmemory', '2gb'],
  ['maxmemory-clients', '1500mb'],
  ['client-output-buffer-limit', 'normal 64mb 0 0 pubsub 16mb 0 0'],
].flatMap(([name, value]) => [`--${name}`, value]);

/** Milliseconds until the nodes of a cluster know each other. */
const DEADLINE = 30_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

// No server outlives the benchmark, however that ends.
process.on('exit', () => running.forEach(server => server.kill('SIGKILL')));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(1));
}

/** A Redis server, or the masters of a Redis Cluster, that store nothing. */
export class Servers {
  /** @param {number} masters 1 for a server without Cluster */
  static async start(masters) {
    const program = provideProgram(REDIS_SERVER);
    const nodes = [];
    for (let index = 0; index < masters; index++) {
      nodes.push(await startServer(program, masters > 1));
    }
    const servers = new Servers(nodes);
    if (masters > 1) {
      await servers.#form();
    }
    return servers;
  }

  /** @param {readonly { port: number, busPort: number, process: import('node:child_process').ChildProcess, admin: Connection }[]} nodes */
  constructor(nodes) {
    this.nodes = nodes;
  }

  get ports() {
    return this.nodes.map(({ port }) => port);
  }

  /** What each server has done since its start. */
  factsOfAll() {
    return Promise.all(
      this.nodes.map(async ({ admin }) => {
        const text = String(await admin.command('INFO', 'everything'));
        const number = (/** @type {string} */ name) =>
          Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);
        return {
          cpu: 1_000 * (number('used_cpu_user') + number('used_cpu_sys')),
          sent: number('total_net_output_bytes'),
          memory: number('used_memory'),
          clients: number('connected_clients'),
        };
      }),
    );
  }

  /** What the busiest server has done since its start. */
  async facts() {
    const all = await this.factsOfAll();
    return all.reduce((most, each) => (each.cpu > most.cpu ? each : most));
  }

  /** Returns the milliseconds after which the slowest server has answered. */
  async ping() {
    const startedAt = performance.now();
    await Promise.all(this.nodes.map(({ admin }) => admin.command('PING')));
    return performance.now() - startedAt;
  }

  /** Closes all other connections, as when the servers have ended and are there again. */
  async closeConnections() {
    for (const type of ['pubsub', 'normal']) {
      await Promise.all(
        this.nodes.map(({ admin }) =>
          admin.command('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes'),
        ),
      );
    }
  }

  /** Removes all data, as when servers that store nothing have ended and are there again. */
  async loseData() {
    await Promise.all(
      this.nodes.map(async ({ admin }) => {
        await admin.command('FLUSHALL', 'SYNC');
        await admin.command('SCRIPT', 'FLUSH', 'SYNC');
      }),
    );
  }

  async stop() {
    await Promise.all(
      this.nodes.map(async ({ process, admin }) => {
        admin.close();
        if (process.exitCode === null && process.signalCode === null) {
          process.kill('SIGKILL');
          await once(process, 'exit');
        }
      }),
    );
  }

  async #form() {
    const { nodes } = this;
    for (const [index, { admin }] of nodes.entries()) {
      const from = Math.ceil((index * SLOTS) / nodes.length);
      const to = Math.ceil(((index + 1) * SLOTS) / nodes.length) - 1;
      const slots = Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
      await admin.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      await admin.command('CLUSTER', 'ADDSLOTS', ...slots);
      for (const { port, busPort } of nodes.slice(0, index)) {
        await admin.command('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
      }
    }
    const deadline = performance.now() + DEADLINE;
    const isFormed = async () => {
      const infos = await Promise.all(nodes.map(({ admin }) => admin.command('CLUSTER', 'INFO')));
      return infos.every(
        info =>
          info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`),
      );
    };
    while (!(await isFormed())) {
      if (performance.now() > deadline) {
        throw new Error('The nodes of the Redis Cluster do not know each other.');
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}

/**
 * @param {string} program
 * @param {boolean} isNode whether it is a node of a cluster
 */
async function startServer(program, isNode) {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'bench-fleet-'));
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', directory, ...LIMITS];
  const ofNode = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  const busPort = await freePort();
  const server = spawn(
    program,
    [...args, ...(isNode ? [...ofNode, '--cluster-port', busPort] : [])].map(String),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  running.add(server);
  server.once('exit', () => {
    running.delete(server);
    rmSync(directory, { recursive: true, force: true });
  });
  let output = '';
  await new Promise((resolve, reject) => {
    server.stdout.on('data', chunk => {
      output += String(chunk);
      if (output.includes('Ready to accept connections')) {
        resolve(undefined);
      }
    });
    server.once('exit', () => reject(new Error(`${program} did not start:\n${output}`)));
  });
  const admin = await Connection.open(port);
  return { port, busPort, process: server, admin };
}
