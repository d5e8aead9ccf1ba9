import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { acceptsConnections } from '../accepts-connections.js';
import { eventually } from '../eventually.js';
import { freePort } from '../free-port.mjs';
import { provideProgram } from '../packages/provide-program.mjs';
import { NATS_SERVER } from './nats-program.mjs';

/** A NATS server of one test. */
export class NatsServer {
  static readonly #servers = new Set<NatsServer>();

  /**
   * Resolves when the server takes connections. Installs it if it is missing.
   *
   * @returns `undefined` if there is none and none can be installed. On GitHub's machines, which can, this is an error
   */
  static async start(): Promise<NatsServer | undefined> {
    const program = findNats();
    if (program === undefined) {
      return undefined;
    }
    const port = await freePort();
    const args = ['--addr', '127.0.0.1', '--port', String(port)];
    const server = new NatsServer(port, spawn(program, args));
    NatsServer.#servers.add(server);
    await eventually(
      () => acceptsConnections({ port, host: '127.0.0.1' }),
      10_000,
      () => 'The NATS server does not listen.',
    );
    return server;
  }

  /** Ends all servers that a test has left running. */
  static async stopAll(): Promise<void> {
    await Promise.all([...NatsServer.#servers].map(async server => server.#stop()));
    NatsServer.#servers.clear();
  }

  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  async #stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill('SIGKILL');
      await once(this.process, 'exit');
    }
  }
}

function findNats(): string | undefined {
  try {
    return provideProgram(NATS_SERVER);
  } catch (error) {
    if (process.env['GITHUB_ACTIONS']) {
      throw error;
    }
    process.stderr.write(`NATS is not tested. ${String(error)}\n`);
    return undefined;
  }
}
