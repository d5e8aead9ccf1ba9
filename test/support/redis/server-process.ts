import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../eventually.js';
import { within } from '../within.js';
import { type Keeper, theKeeper } from './keeper.js';
import type { News, Order } from './servers-keeper.mjs';

/** The output of a server that takes commands with its data loaded. A sentinel loads nothing. */
const READY = /Ready to accept connections|Sentinel ID is/;

/** Maximum milliseconds for steps that take fifty on an idle machine. */
const DEADLINE = 30_000;

let lastId = 0;

/** One process of a Redis server. It ends with this process at the latest. */
export class ServerProcess {
  /** Resolves when it takes commands. Rejects with its output if it ends instead. */
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
    // The keeper was killed, so this process must stop the server itself.
    const orphaned = (): void => {
      this.#signal('SIGKILL');
      end();
    };
    keeper.process.on('message', listen).on('exit', orphaned);
    keeper.process.send({ id, ...order } satisfies Order);
  }

  /** Resolves when the process has ended. SIGKILL also ends a paused process. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await within(DEADLINE, this.#ended, () => `Server ${this.pid} does not end.`);
  }

  /** Resolves when the process is stopped, shortly after SIGSTOP. */
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
      // The process has ended, and the notification is on its way.
    }
  }
}

/** The first letter is the state: running, sleeping or stopped; see ps(1). */
async function stateOf(pid: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.trim();
  } catch {
    return 'gone';
  }
}
