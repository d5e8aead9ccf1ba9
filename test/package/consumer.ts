import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.mjs';
import { environmentForApplication, environmentForNpm } from '../support/environment.js';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('./consumers/', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type Kind = 'cjs' | 'esm';

/** Applications that depend on the packed package, and share its installation. */
export class Consumers {
  /** Copies `consumers/` and installs the dependencies, including the tarball. */
  static async install(tarball: string, into: string): Promise<Consumers> {
    const directory = join(into, 'consumers');
    await cp(sources, directory, { recursive: true });
    await copyFile(tarball, join(directory, 'nestjs-cluster.tgz'));
    await run('npm', ['install', '--no-audit', '--no-fund'], {
      cwd: directory,
      env: environmentForNpm(),
    });
    return new Consumers(directory);
  }

  private constructor(private readonly directory: string) {}

  /** The errors of the compiler; empty if there are none. Writes the code beside the sources. */
  async compile(...options: readonly string[]): Promise<string[]> {
    const compiler = join(this.directory, 'node_modules/typescript/bin/tsc');
    const output = await run(process.execPath, [compiler, '--pretty', 'false', ...options], {
      cwd: this.directory,
    }).then(
      ({ stdout }) => stdout,
      // The compiler writes its errors to stdout. Other failures are in the message of the error.
      (error: Error & { stdout?: string }) => error.stdout || error.message,
    );
    return output.split('\n').filter(Boolean);
  }

  of(kind: Kind): Consumer {
    return new Consumer(join(this.directory, kind));
  }
}

/** One of the applications. */
export class Consumer {
  constructor(private readonly directory: string) {}

  /** Writes another JavaScript file, which can be started. */
  write(file: string, code: string): Promise<void> {
    return writeFile(join(this.directory, file), code);
  }

  /** @param main the file to start; by default, the compiled one */
  async start(node: string, main = 'src/main.js'): Promise<RunningConsumer> {
    return new RunningConsumer(node, main, this.directory, await freePort());
  }
}

/** Runs `node src/main.js`, or another file, as a user does. */
export class RunningConsumer {
  output = '';
  errors = '';
  ended: Ended | undefined;
  readonly exited: Promise<Ended>;
  readonly #process;

  constructor(
    node: string,
    main: string,
    directory: string,
    private readonly port: number,
  ) {
    this.#process = spawn(node, [main], {
      cwd: directory,
      env: environmentForApplication({ PORT: String(port), CLUSTER_WORKERS: '2' }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // In its own process group, so that all processes of a failed test can be ended.
      detached: true,
    });
    this.#process.stdout.on('data', chunk => (this.output += String(chunk)));
    this.#process.stderr.on('data', chunk => (this.errors += String(chunk)));
    this.exited = once(this.#process, 'close').then(([code, signal]) => {
      this.ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.ended;
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The body of a successful response; `undefined` without one. */
  async get(path: string): Promise<string | undefined> {
    if (this.ended) {
      throw new Error(`The application has ended: ${JSON.stringify(this.ended)}\n${this.all}`);
    }
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
        // A stop of the application would wait for a connection that is kept open.
        headers: { connection: 'close' },
      });
      return response.ok ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }

  get all(): string {
    return this.output + this.errors;
  }

  terminate(): void {
    this.#process.kill('SIGTERM');
  }

  /** Ends all processes that a failed test has left. */
  async kill(): Promise<void> {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // the group has no processes
    }
    await this.exited;
  }
}
