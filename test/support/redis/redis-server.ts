import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { freePort } from '../free-port.mjs';
import { endKeeper, theKeeper } from './keeper.js';
import { type Argument, oneOffCommand } from './one-off-command.js';
import { redisProgram } from './redis-program.js';
import { ServerProcess } from './server-process.js';

export interface RedisServerOptions {
  /** Further command line arguments, such as `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
  /** Further lines of its configuration file, which the server may rewrite. */
  readonly config?: readonly string[];
  /** Writes each change to disk before it is acknowledged, and loads the changes after a restart. */
  readonly persistent?: boolean;
  /** A free port by default. A function is called again if another process takes the port first. */
  readonly port?: number | (() => Promise<number>);
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const CONFIG = 'redis.conf';

const BASE = [
  'bind 127.0.0.1',
  'save ""',
  // Five seconds by default, to wait for further replicas.
  'repl-diskless-sync-delay 0',
  // Ten seconds by default. Only then does a cluster report a replica to clients.
  'repl-ping-replica-period 1',
];
const PERSISTENT = ['appendonly yes', 'appendfsync always'];
/** A replica gets its data as a file, which it would load after a restart. */
const FORGETFUL = ['appendonly no', 'rdb-del-sync-files yes'];

/** Milliseconds to wait until a port is free again: another process may be trying ports. */
const PORT_DEADLINE = 5_000;

/** Another process may take a free port before it is used. */
const ATTEMPTS = 5;

/** A Redis server of one test, which the test may kill, restart and pause. */
export class RedisServer {
  static readonly #servers = new Set<RedisServer>();
  static #starting = 0;

  /** Resolves when the server takes commands. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    RedisServer.#starting++;
    try {
      return await RedisServer.#start(options);
    } finally {
      RedisServer.#starting--;
      await RedisServer.#endKeeperOfNone();
    }
  }

  /** Ends all servers that a test has left running. For `afterEach` or `afterAll`. */
  static async stopAll(): Promise<void> {
    await Promise.all([...RedisServer.#servers].map(server => server.stop()));
  }

  static async #start(options: RedisServerOptions): Promise<RedisServer> {
    const { port = freePort, args = [], env = {} } = options;
    for (let attempt = 1; ; attempt++) {
      const directory = await newDirectory(options);
      const server = new RedisServer(
        typeof port === 'number' ? port : await port(),
        directory,
        args,
        env,
      );
      RedisServer.#servers.add(server);
      try {
        await server.#run();
        return server;
      } catch (error) {
        await server.stop();
        if (typeof port === 'number' || attempt === ATTEMPTS || !isAboutPort(error)) {
          throw error;
        }
      }
    }
  }

  static async #endKeeperOfNone(): Promise<void> {
    if (RedisServer.#servers.size + RedisServer.#starting === 0) {
      await endKeeper();
    }
  }

  readonly #directory: string;
  readonly #args: readonly string[];
  #process: ServerProcess | undefined;
  #isPaused = false;

  private constructor(
    readonly port: number,
    directory: string,
    args: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.#directory = directory;
    this.#args = args;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The id of the current or last process. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Whether the server runs: neither killed nor paused. */
  get isUp(): boolean {
    return this.#process !== undefined && !this.#process.hasEnded && !this.#isPaused;
  }

  /** The log of the current or last process. */
  get log(): string {
    return this.#process?.output ?? '';
  }

  /** Kills the server with SIGKILL. Resolves when it has ended. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#isPaused = false;
  }

  /** Starts the server again on the same port with the same files. Resolves when it has loaded them. */
  async restart(): Promise<void> {
    await this.kill();
    await eventually(
      () => this.#run().then(() => true, unlessAboutPort),
      PORT_DEADLINE,
      () => `Port ${this.port} is in use.`,
    );
  }

  /** Pauses the server: its connections stay open, the kernel accepts new ones, and no command is answered. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#process?.pause();
  }

  /** Resumes the server. It answers the commands that have arrived in the meantime. */
  resume(): void {
    this.#process?.resume();
    this.#isPaused = false;
  }

  /** Sends a command over a new connection. Rejects with the error of the server. */
  command(...words: Argument[]): Promise<unknown> {
    return oneOffCommand(this.port, words);
  }

  /** Stops the server, and deletes its files. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    RedisServer.#servers.delete(this);
    await RedisServer.#endKeeperOfNone();
  }

  async #run(): Promise<void> {
    const args = [CONFIG, '--port', String(this.port), ...this.#args];
    const variables = Object.entries(this.env).map(([name, value]) => `${name}=${value}`);
    this.#process =
      variables.length === 0
        ? await ServerProcess.start(redisProgram(), args, this.#directory)
        : await ServerProcess.start(
            '/usr/bin/env',
            [...variables, redisProgram(), ...args],
            this.#directory,
          );
  }
}

async function newDirectory({ persistent = false, config = [] }: RedisServerOptions) {
  const directory = await mkdtemp(join((await theKeeper()).directory, 'server-'));
  const lines = [...BASE, ...(persistent ? PERSISTENT : FORGETFUL), ...config];
  await writeFile(join(directory, CONFIG), `${lines.join('\n')}\n`);
  return directory;
}

function isAboutPort(error: unknown): boolean {
  return String(error).includes('Address already in use');
}

function unlessAboutPort(error: unknown): false {
  if (isAboutPort(error)) {
    return false;
  }
  throw error;
}
