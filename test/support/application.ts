import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ClusterEvent } from '../../src/model/events/cluster-event.interface.js';
import { childrenOf, isAlive, killIfAlive } from './processes.js';
import { freePort } from './free-port.mjs';
import { nodeBinary } from './node-binary.js';
import type { NestVersion } from './nest/nest-versions.mjs';
import { eventually } from './eventually.js';
import { fixturesDirectory } from './ioredis/ioredis-versions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** With `TEST_START` in the environment, primaries do not load the applications. */
const earlyStart = process.env['TEST_START'] ? ['--import', `${root}dist/start.js`] : [];

/** With `TEST_EXEC` in the environment, applications run on a Node that can replace the program of the primary. */
const execs = Boolean(process.env['TEST_EXEC']);

/** The first major version of Node with `process.execve()` and long-term support. */
const EXEC_NODE = 24;

/** Arguments for Node with which the primary records the connections that it accepts. */
export const RECORD_ACCEPTED = ['--import', `${root}test/support/record-accepted.mjs`];

/** Milliseconds to wait until an application is ready. Several of them may boot at the same time. */
const BOOT_DEADLINE = 50_000;

/** A line that a fixture wrote for the test; see `test/fixtures/apps/http/ledger.ts`. */
export interface Note {
  readonly what: string;
  readonly pid: number;
  readonly [detail: string]: unknown;
}

export interface ApplicationOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** The Node.js to run it on. By default, the one that runs the tests. */
  readonly node?: string;
  readonly port?: number;
  /** Whether the primary may replace its program by one that has not loaded the application. */
  readonly execs?: boolean;
  /** Whether standard error leads to the pipe of standard output, as after `2>&1`. */
  readonly combined?: boolean;
  /** The Nest to run it on. By default, the one that `TEST_NEST` names, or the newest. */
  readonly nest?: NestVersion;
  /** The file to run and its working directory. By default, those of the fixture. */
  readonly main?: string;
  readonly cwd?: string;
}

/**
 * An application under test: a real process in a process group of its own, started as a user would start it.
 */
export class Application {
  static readonly #running = new Set<Application>();

  /** Starts the fixture of this name. */
  static async start(name: string, options: ApplicationOptions = {}): Promise<Application> {
    const port = options.port ?? (await freePort());
    const node = (options.execs ?? execs) ? await nodeBinary(EXEC_NODE) : process.execPath;
    const main = options.main ?? `${fixturesDirectory(options.nest)}/${name}.js`;
    const app = new Application(main, port, { node, ...options });
    Application.#running.add(app);
    return app;
  }

  /** Starts the fixture, and waits until its workers are ready. */
  static async ready(name: string, options: ApplicationOptions = {}): Promise<Application> {
    const app = await Application.start(name, options);
    // In single mode, the process writes the same lines about itself.
    const processes = Math.max(1, Number(app.env['CLUSTER_WORKERS']));
    try {
      await app.until(() => app.count('workerReady') >= processes, BOOT_DEADLINE);
    } catch (error) {
      await app.end();
      throw error;
    }
    return app;
  }

  /** Ends all applications that a test has left running, except shared ones. For `afterEach`. */
  static async endAll(...shared: readonly (Application | undefined)[]): Promise<void> {
    const all = [...Application.#running].filter(app => !shared.includes(app));
    await Promise.all(all.map(app => app.end()));
  }

  readonly events: ClusterEvent[] = [];
  readonly notes: Note[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly env: Readonly<Record<string, string>>;
  stdout = '';
  stderr = '';
  readonly #process: ChildProcess;
  readonly #outputs: readonly Interface[];
  readonly #known = new Set<number>();
  #hasExited = false;
  #wake: () => void = () => {};

  private constructor(
    main: string,
    readonly port: number,
    {
      env = {},
      nodeArgs = [],
      node,
      cwd,
      combined,
      execs: mayExec = execs,
    }: ApplicationOptions & { readonly node: string },
  ) {
    // Not the environment of Vitest, in which the package would detect a test run.
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NO_COLOR: '1',
      PORT: String(port),
      CLUSTER_WORKERS: '2',
      ...(mayExec && { TEST_EXEC: '1', CLUSTER_LIGHT_PRIMARY: 'true' }),
      ...env,
    };
    const report = ['--import', `${root}test/support/report-lifecycle.mjs`];
    const command = [node, ...report, ...earlyStart, ...nodeArgs, main];
    const [program, ...args] = combined ? ['sh', '-c', 'exec "$0" "$@" 2>&1', ...command] : command;
    this.#process = spawn(program!, args, {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
      ...(cwd && { cwd }),
    });
    const [, stdout, stderr, lifecycle] = this.#process.stdio;
    const take = (line: string): void => {
      const event = JSON.parse(line) as ClusterEvent;
      this.events.push(event);
      this.#known.add(event.pid);
    };
    const out = this.#read(stdout as Readable, line => {
      if (line.startsWith('#{')) {
        take(line.slice(1));
        return;
      }
      this.stdout += `${line}\n`;
      if (line.startsWith('@')) {
        this.notes.push(JSON.parse(line.slice(1)) as Note);
      }
    });
    const err = this.#read(stderr as Readable, line => (this.stderr += `${line}\n`));
    this.#outputs = [out, err];
    this.#read(lifecycle as Readable, take);
    this.exited = once(this.#process, 'close').then(([code, signal]) => {
      this.#hasExited = true;
      this.#wake();
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  count(type: ClusterEvent['type']): number {
    return this.of(type).length;
  }

  of<Type extends ClusterEvent['type']>(type: Type): Extract<ClusterEvent, { type: Type }>[] {
    return this.events.filter(
      (event): event is Extract<ClusterEvent, { type: Type }> => event.type === type,
    );
  }

  noted(what: string): Note[] {
    return this.notes.filter(note => note.what === what);
  }

  /** The ports of the clients whose connections the primary has accepted. Needs `RECORD_ACCEPTED`, and its end. */
  get accepted(): ReadonlySet<number> {
    return new Set(this.noted('accepted').flatMap(({ ports }) => ports as number[]));
  }

  /** Waits for an output or an event of the application. Rejects with the output if the application ends first. */
  async until(condition: () => boolean, timeout = 30_000): Promise<void> {
    const deadline = Date.now() + timeout;
    while (!condition()) {
      if (this.#hasExited || Date.now() > deadline) {
        const why = this.#hasExited ? 'ended' : `did not meet this condition within ${timeout} ms`;
        throw new Error(`The application ${why}: ${String(condition)}\n${this.output}`);
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        timer = setTimeout(resolve, Math.min(1_000, deadline - Date.now()));
      });
      clearTimeout(timer);
    }
  }

  /** The reader of the output stops reading, until the output is closed or read again. */
  pauseOutput(): void {
    this.#outputs.forEach(lines => lines.pause());
  }

  resumeOutput(): void {
    this.#outputs.forEach(lines => lines.resume());
  }

  /** The reader closes the output. */
  closeOutput(): void {
    const [, stdout, stderr] = this.#process.stdio;
    this.#outputs.forEach(lines => lines.close());
    stdout?.destroy();
    stderr?.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Sends SIGINT to the process group, as a terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Records the processes that belong to the application now: all children of the primary. */
  async rememberProcesses(): Promise<void> {
    (await childrenOf(this.pid)).forEach(pid => this.#known.add(pid));
  }

  /** The recorded processes that still run. */
  get survivors(): number[] {
    return [this.pid, ...this.#known].filter(pid => isAlive(pid));
  }

  async noneLeft(timeout = 3_000): Promise<void> {
    await eventually(
      () => this.survivors.length === 0,
      timeout,
      () => `Still running: ${this.survivors.join(', ')}\n${this.output}`,
    );
  }

  /** Ends all of its processes that still run. */
  async end(): Promise<void> {
    if (!this.#hasExited) {
      await this.rememberProcesses();
    }
    this.survivors.forEach(pid => killIfAlive(pid));
    await this.exited;
    Application.#running.delete(this);
  }

  #read(stream: Readable, onLine: (line: string) => void): Interface {
    return createInterface(stream).on('line', line => {
      onLine(line);
      this.#wake();
    });
  }
}
