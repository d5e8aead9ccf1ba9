import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readBlockedStack } from '../../src/supervisor/diagnostics/read-blocked-stack.js';
import { OutputSink } from '../../src/supervisor/output/output-sink.js';
import { WorkerOutput } from '../../src/supervisor/output/worker-output.js';
import { systemClock } from '../../src/system/time/clock.js';

const root = new URL('../../', import.meta.url);

/** A process with a blocked event loop, started as a primary starts its workers. */
export class BlockedProcess {
  static readonly #running = new Set<BlockedProcess>();

  /**
   * Starts a file, and waits until it reports that it blocks.
   *
   * @param file relative to the root of the repository
   */
  static async start(
    file: string,
    { node = process.execPath, nodeArgs = [] }: { node?: string; nodeArgs?: string[] } = {},
  ): Promise<BlockedProcess> {
    const blocked = new BlockedProcess(
      spawn(node, ['--inspect-port=0', ...nodeArgs, fileURLToPath(new URL(file, root))], {
        // The input stays open. Programs that end with their input end with this process.
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    );
    BlockedProcess.#running.add(blocked);
    const [said] = (await once(blocked.#child.stdout!, 'data')) as [Buffer];
    if (said.toString() !== 'blocking') {
      throw new Error(`It says: ${said.toString()}`);
    }
    return blocked;
  }

  /** For `afterEach`. */
  static async endAll(): Promise<void> {
    await Promise.all([...BlockedProcess.#running].map(blocked => blocked.end()));
    BlockedProcess.#running.clear();
  }

  readonly output: WorkerOutput;
  readonly stderr: Readable;
  readonly #child: ChildProcess;
  readonly #console = new PassThrough();
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
    this.stderr = child.stderr!;
    this.output = new WorkerOutput(this.stderr, new OutputSink(this.#console), systemClock);
    this.output.release();
  }

  /** The output of the process since the last call. */
  get printed(): string {
    return String(this.#console.read() ?? '');
  }

  get pid(): number {
    return this.#child.pid!;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  readStack(timeout = 10_000): Promise<string | undefined> {
    return readBlockedStack(this, this.output, timeout);
  }

  /** Resolves when the process has ended and all of its output has arrived. */
  async end(): Promise<void> {
    this.kill('SIGKILL');
    await this.#closed;
  }
}
