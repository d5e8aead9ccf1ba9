import { EventEmitter } from 'node:events';
import type { WorkerProcess } from '../supervisor/node-cluster/worker-process.js';
import { within } from '../system/async/within.js';
import { HeldOutput } from './held-output.js';

/** How a process has ended. @internal */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Milliseconds to wait for the last output of a process that has ended: its own child processes may keep it open. */
const LAST_OUTPUT = 1_000;

type Occurrence = readonly [event: string, ...details: unknown[]];

/**
 * A worker that was forked before there is a supervisor. What happens to it is recorded, and replayed in order when the
 * supervisor adopts it.
 *
 * @internal
 */
export class RecordedWorker {
  /** Resolves when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
  readonly #events = new EventEmitter();
  readonly #outputs: Readonly<Record<'stdout' | 'stderr', HeldOutput | undefined>>;
  #recorded: Occurrence[] | undefined = [];

  /**
   * @param worker the process, which has just been forked
   * @param onMessage called with each message of the worker; returns whether the supervisor must not receive it
   */
  constructor(
    private readonly worker: WorkerProcess,
    onMessage: (message: unknown) => boolean = () => false,
    targets: Readonly<Record<'stdout' | 'stderr', Pick<NodeJS.WritableStream, 'write'>>> = process,
  ) {
    const { link, stdout, stderr } = worker;
    this.#outputs = {
      stdout: stdout ? new HeldOutput(stdout, targets.stdout) : undefined,
      stderr: stderr ? new HeldOutput(stderr, targets.stderr) : undefined,
    };
    link.on('message', message => {
      if (!onMessage(message)) {
        this.#note('message', message);
      }
    });
    link.on('disconnect', () => this.#note('disconnect'));
    worker.onOnline(() => this.#note('online'));
    worker.onListening(address => this.#note('listening', address));
    worker.onDisconnect(() => this.#note('disconnected'));
    this.ended = new Promise(resolve =>
      worker.onExit((code, signal) => {
        this.#note('exit', code, signal);
        resolve({ code, signal });
      }),
    );
  }

  get pid(): number {
    return this.worker.pid;
  }

  /** Kills the process, and resolves when it has ended. */
  async kill(): Promise<void> {
    this.worker.kill('SIGKILL');
    await this.ended;
  }

  /** Resolves when the process has ended, and all of its output has been read. */
  async finished(): Promise<void> {
    await this.ended;
    const { stdout, stderr } = this.#outputs;
    const read = Promise.all([stdout?.ended, stderr?.ended]);
    await within<unknown, void>(LAST_OUTPUT, read, () => {});
  }

  /** Shows its output, now and from now on. */
  showOutput(): void {
    this.#outputs.stdout?.show();
    this.#outputs.stderr?.show();
  }

  /** Returns the worker for the supervisor. What was recorded is replayed in the next turn of the event loop. */
  adopt(): WorkerProcess {
    const { worker } = this;
    const { link } = worker;
    const events = this.#events;
    setImmediate(() => this.#replay());
    return {
      id: worker.id,
      pid: worker.pid,
      link: {
        get connected() {
          return link.connected;
        },
        send: (message, written) => link.send?.(message, written) ?? false,
        on: (event: string, listener: (message: unknown) => void) => events.on(event, listener),
        off: (event: string, listener: (message: unknown) => void) => events.off(event, listener),
      },
      stdout: this.#outputs.stdout?.release() ?? null,
      stderr: this.#outputs.stderr?.release() ?? null,
      kill: signal => worker.kill(signal),
      onOnline: listener => void events.once('online', listener),
      onListening: listener => void events.on('listening', listener),
      onDisconnect: listener => void events.once('disconnected', listener),
      onExit: listener => void events.once('exit', listener),
    };
  }

  #note(...occurrence: Occurrence): void {
    if (this.#recorded) {
      this.#recorded.push(occurrence);
    } else {
      this.#events.emit(...(occurrence as [string, ...unknown[]]));
    }
  }

  #replay(): void {
    const recorded = this.#recorded ?? [];
    this.#recorded = undefined;
    recorded.forEach(occurrence => this.#note(...occurrence));
  }
}
