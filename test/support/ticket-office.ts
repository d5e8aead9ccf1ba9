import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { FleetStatus, WorkerIdentity } from 'nestjs-cluster';
import type { Snapshot } from '../../sample-app/src/host/snapshot.interface.js';
import type { LiveMessage } from '../../sample-app/src/live/live-message.interface.js';
import { EventStream } from './event-stream.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.mjs';
import { within } from './within.js';

/** The copy that loads the bundle of Nest; see `provide-sample-app.mjs`. */
const MAIN = fileURLToPath(new URL('../../.test-build/sample-app/dist/main.js', import.meta.url));

/** Timeout in milliseconds of a response, and of other waits. */
export const PATIENCE = 30_000;

export type Ticket = WorkerIdentity & { readonly number: number; readonly wasReserved: boolean };

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The sample application in its own process. */
export class TicketOffice {
  static readonly #open = new Set<TicketOffice>();

  static async open(env: Readonly<Record<string, string>>): Promise<TicketOffice> {
    const office = new TicketOffice(await freePort(), {
      CLUSTER_WORKERS: '2',
      TICKETS_PER_SECOND: '1000000',
      // A busy machine must not refuse connections.
      CLUSTER_STATE_TIMEOUT: '10000',
      ...env,
    });
    TicketOffice.#open.add(office);
    await office.#untilReady(() => true);
    return office;
  }

  /** Ends all applications that a test has left running. For `afterEach`. */
  static async closeAll(): Promise<void> {
    await Promise.all([...TicketOffice.#open].map(office => office.close()));
  }

  output = '';
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #workers: number;

  private constructor(
    private readonly port: number,
    env: Readonly<Record<string, string>>,
  ) {
    this.#workers = Number(env['CLUSTER_WORKERS']);
    this.#process = spawn(process.execPath, [MAIN], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], PORT: String(port), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exited = once(this.#process, 'exit');
    this.#process.stdout!.on('data', chunk => (this.output += chunk));
    this.#process.stderr!.on('data', chunk => (this.output += chunk));
  }

  /** The URL of the page and of the streams. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The URL to sell a ticket, to reset the tickets, or to get the number that is left. */
  ask<Body>(method: string, agent?: Agent): Promise<Answer<Body>> {
    return this.#ask<Body>({ method, path: '/api/tickets', ...(agent && { agent }) });
  }

  /** What any worker tells about this host. */
  async snapshot(): Promise<Snapshot> {
    return (await this.get<Snapshot>('/api/snapshot')).body;
  }

  /** All hosts that share the tickets. */
  async fleet(): Promise<FleetStatus> {
    return (await this.get<FleetStatus>('/api/fleet')).body;
  }

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.#ask<Body>({ method: 'GET', path });
  }

  /** Blocks the worker of a slot for this many milliseconds, from about now on. */
  async block(slot: number, ms: number): Promise<void> {
    const path = `/api/workers/${slot}/block?ms=${ms}`;
    await this.#ask({ method: 'POST', path });
  }

  /** A client of the event stream of one worker. */
  listen(): Promise<EventStream<LiveMessage>> {
    return EventStream.open(`${this.url}/api/tickets/live`);
  }

  /** Stops the application with SIGTERM, and returns its exit code. */
  async close(): Promise<number | null> {
    TicketOffice.#open.delete(this);
    this.#process.kill('SIGTERM');
    try {
      await within(PATIENCE, this.#exited, () => this.output);
      return this.#process.exitCode;
    } finally {
      this.#process.kill('SIGKILL');
    }
  }

  /** Resolves when all workers serve again, without this one. */
  untilReplaced(pid: number): Promise<void> {
    return this.#untilReady(pids => !pids.includes(pid));
  }

  /** Resolves when no worker drains. */
  async untilDrained(): Promise<void> {
    await eventually(
      async () => (await this.snapshot()).workers.every(({ state }) => state !== 'draining'),
      PATIENCE,
      () => this.output,
    );
  }

  async #untilReady(accept: (pids: readonly number[]) => boolean): Promise<void> {
    await eventually(
      async () => {
        if (this.#process.exitCode !== null) {
          throw new Error(`It exited with ${this.#process.exitCode}.\n${this.output}`);
        }
        const pids = await this.#readyWorkers().catch(() => []);
        return pids.length === this.#workers && accept(pids);
      },
      PATIENCE,
      () => this.output,
    );
  }

  async #readyWorkers(): Promise<number[]> {
    const { workers } = await this.snapshot();
    return workers.flatMap(({ state, pid }) => (state === 'ready' ? [pid] : []));
  }

  #ask<Body>(what: { method: string; path: string; agent?: Agent }): Promise<Answer<Body>> {
    return new Promise((resolve, reject) => {
      // Without an agent, no connection is kept open. A stop would wait for it.
      const where = { host: '127.0.0.1', port: this.port, agent: false as const };
      const asked = request({ ...where, ...what }, response => {
        const status = response.statusCode ?? 0;
        json(response).then(body => resolve({ status, body: body as Body }), reject);
      });
      asked.setTimeout(PATIENCE, () => asked.destroy(new Error(`No answer.\n${this.output}`)));
      asked.on('error', reject);
      asked.end();
    });
  }
}
