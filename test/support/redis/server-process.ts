import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../eventually.js';
import { within } from '../within.js';
import { type Keeper, theKeeper } from './keeper.js';
import type { News, Order } from './servers-keeper.mjs';

/** What a server says when it takes commands, its data loaded. A sentinel has nothing to load. */
const READY = /Ready to accept connections|Sentinel ID is/;

/** Milliseconds for what takes fifty on an idle machine. */
const DEADLINE = 30_000;

let lastId = 0;

/** A run of a Redis server. It ends with this process at the latest. */
export class ServerProcess {
  /** Resolves when it takes commands; rejects with what it says if it ends instead. */
  static async start(program: string, args: string[], directory: string): Promise<ServerProcess> {
    const server = new ServerProcess(await theKeeper(), { program, args, directory });
    try {
      await within(DEADLINE, Promise.race([server.#ready, server.#ended]), () => server.output);
    } catch (error) {
      await server.kill();
      throw error;
    }
    if (server.hasEnded) {
      throw new Error(`${program} ${args.join(' ')} ended:\n${server.output}`);
    }
    return server;
  }

  pid = 0;
  output = '';
  hasEnded = false;
  readonly #ready: Promise<void>;
  readonly #ended: Promise<void>;

  private constructor(keeper: Keeper, order: Omit<Order, 'id'>) {
    const id = ++lastId;
    let ready!: () => void;
    let ended!: () => void;
    this.#ready = new Promise(resolve => (ready = resolve));
    this.#ended = new Promise(resolve => (ended = resolve));

    const end = (): void => {
      keeper.process.off('message', listen).off('exit', orphaned);
      this.hasEnded = true;
      ended();
    };
    const listen = (news: News): void => {
      if (news.id !== id) {
        return;
      }
      this.pid = news.pid ?? this.pid;
      this.output += news.output ?? '';
      if (READY.test(this.output)) {
        ready();
      }
      if (news.ended) {
        end();
      }
    };
    // Somebody has killed the keeper, and nobody else would see to the server now.
    const orphaned = (): void => {
      this.#signal('SIGKILL');
      end();
    };
    keeper.process.on('message', listen).on('exit', orphaned);
    keeper.process.send({ id, ...order } satisfies Order);
  }

  /** Resolves when it has ended, which it does even when it is paused. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await within(DEADLINE, this.#ended, () => `Server ${this.pid} does not end.`);
  }

  /** Resolves when it has come to a halt, a little after it was told to. */
  async pause(): Promise<void> {
    this.#signal('SIGSTOP');
    await eventually(
      async () => this.hasEnded || (await stateOf(this.pid)).startsWith('T'),
      DEADLINE,
      () => `Server ${this.pid} does not stop.`,
    );
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.hasEnded || this.pid === 0) {
      return;
    }
    try {
      process.kill(this.pid, signal);
    } catch {
      // It has ended, and the news are on their way.
    }
  }
}

/** The first letter says whether it runs, sleeps or is stopped; see ps(1). */
async function stateOf(pid: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.trim();
  } catch {
    return 'gone';
  }
}
