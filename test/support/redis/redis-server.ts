import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { freePort } from '../free-port.mjs';
import { endKeeper, theKeeper } from './keeper.js';
import { type Argument, oneOffCommand } from './one-off-command.js';
import { redisProgram } from './redis-program.js';
import { ServerProcess } from './server-process.js';

export interface RedisServerOptions {
  /** Further words of its command line, as in `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
  /** Further lines of its configuration file, which it may rewrite. */
  readonly config?: readonly string[];
  /** Whatever it has acknowledged is on disk, and there again after a restart. */
  readonly persistent?: boolean;
  /** By default a free one. A function is asked for another one while somebody else is faster. */
  readonly port?: number | (() => Promise<number>);
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const CONFIG = 'redis.conf';

const BASE = [
  'bind 127.0.0.1',
  'save ""',
  // Five seconds by default, in case that further replicas turn up.
  'repl-diskless-sync-delay 0',
  // Ten by default. A cluster tells clients of a replica once it has got anything from its master.
  'repl-ping-replica-period 1',
];
const PERSISTENT = ['appendonly yes', 'appendfsync always'];
/** What a replica gets from its master is a file at first, which it would load after a restart. */
const FORGETFUL = ['appendonly no', 'rdb-del-sync-files yes'];

/** Milliseconds for a port to be free again: somebody may be trying which ones are. */
const PORT_DEADLINE = 5_000;

/** Between asking for a free port and using it, somebody else may take it. */
const ATTEMPTS = 5;

/** A Redis server of a test's own, which a test may kill, restart and pause. */
export class RedisServer {
  static readonly #servers = new Set<RedisServer>();
  static #starting = 0;

  /** Resolves when it takes commands. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    RedisServer.#starting++;
    try {
      return await RedisServer.#start(options);
    } finally {
      RedisServer.#starting--;
      await RedisServer.#endKeeperOfNone();
    }
  }

  /** Ends whatever a test has left running. For `afterEach` or `afterAll`. */
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

  /** Of the process that runs, or ran last. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Whether it would answer: neither killed nor paused. */
  get isUp(): boolean {
    return this.#process !== undefined && !this.#process.hasEnded && !this.#isPaused;
  }

  /** What the process that runs, or ran last, has logged. */
  get log(): string {
    return this.#process?.output ?? '';
  }

  /** As the power does when it fails. Resolves when it has ended. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#isPaused = false;
  }

  /** Again on the same port with the same files. Resolves when it has loaded them. */
  async restart(): Promise<void> {
    await this.kill();
    await eventually(
      () => this.#run().then(() => true, unlessAboutPort),
      PORT_DEADLINE,
      () => `Port ${this.port} is in use.`,
    );
  }

  /** It keeps its connections, takes new ones (its kernel does) and answers none. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#process?.pause();
  }

  /** It answers again, also what it was asked in the meantime. */
  resume(): void {
    this.#process?.resume();
    this.#isPaused = false;
  }

  /** Carries out a command over a connection for just that. Rejects with the server's error. */
  command(...words: Argument[]): Promise<unknown> {
    return oneOffCommand(this.port, words);
  }

  /** Ends it for good. Its files go, too. */
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
