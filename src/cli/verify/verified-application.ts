import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { within } from '../../system/async/within.js';
import { EventSocket } from './event-socket.js';
import { type LifecycleEvent, SOCKET_VARIABLE } from './lifecycle-event.interface.js';
import { OutputTail } from './report/output-tail.js';
import { Roster } from './worker-roster.js';
import { VerificationError } from './verification.error.js';
import { verifyMessages } from './verify.messages.js';

/** A host needs up to 25 s to stop, unless its options say otherwise. */
const STOP_MILLISECONDS = 40_000;
/** Milliseconds after which a killed process is gone, or cannot be killed. */
const KILL_MILLISECONDS = 5_000;

/** @internal */
export interface StartOptions {
  /** The whole environment; by default that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with all output. */
  readonly onOutput?: (text: Buffer) => void;
}

/**
 * The application under test: the command as a process in its own process group, and the events of its primary.
 *
 * @internal
 */
export class ApplicationUnderTest {
  static async start(
    command: readonly string[],
    options: StartOptions = {},
  ): Promise<ApplicationUnderTest> {
    return new ApplicationUnderTest(command, await EventSocket.open(), options);
  }

  readonly workers = new Roster();
  /** The process id of the primary, when it has reported an event: the command itself, or a descendant. */
  primary: number | undefined;
  /** Where it listens, if it has reported that. */
  address: { readonly address: string | null; readonly port: number } | undefined;
  readonly output = new OutputTail();
  readonly #child: ChildProcess;
  readonly #watchers = new Set<(event?: LifecycleEvent) => void>();
  readonly #closed: Promise<void>;
  #end: string | undefined;

  private constructor(
    [file = '', ...args]: readonly string[],
    private readonly socket: EventSocket,
    { env = process.env, onOutput }: StartOptions,
  ) {
    socket.onReport = ({ primary, event }) => this.#hear(primary, event);
    const preload = fileURLToPath(new URL('./preload.cjs', import.meta.url));
    this.#child = spawn(file, args, {
      env: {
        ...env,
        NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --require=${JSON.stringify(preload)}`.trim(),
        [SOCKET_VARIABLE]: socket.path,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C must reach only the tool, which then stops the application.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr] as Readable[]) {
      stream.on('data', (chunk: Buffer) => {
        this.output.add(chunk);
        onOutput?.(chunk);
      });
    }
    this.#closed = new Promise(resolve => {
      const close = (end: string): void => {
        this.#end ??= end;
        this.#notify();
        resolve();
      };
      this.#child.once('error', error => close(error.message));
      // Emitted when the last process that has the output has ended.
      this.#child.once('close', (code, signal) =>
        close(signal === null ? `exit code ${code}` : signal),
      );
    });
  }

  /** How it ended, if it has: an exit code, a signal, or why it could not be started. */
  get end(): string | undefined {
    return this.#end;
  }

  /** The known processes of the application. */
  get processes(): number[] {
    const { pid } = this.#child;
    return [...new Set([pid, this.primary, ...this.workers.living])].filter(
      known => known !== undefined,
    );
  }

  /** Sends a signal to the primary. */
  signal(signal: NodeJS.Signals): void {
    if (this.#end === undefined) {
      tell(this.primary ?? this.#child.pid, signal);
    }
  }

  /**
   * Waits until `condition` is true; it is checked at each event.
   *
   * @throws VerificationError if it is not true in time, or the application ends first
   */
  async until(
    condition: (event?: LifecycleEvent) => boolean,
    timeout: number,
    what: string,
  ): Promise<void> {
    let stopLooking: (() => void) | undefined;
    const seen = new Promise<void>((resolve, reject) => {
      const look = (event?: LifecycleEvent): void => {
        if (condition(event)) {
          resolve();
        } else if (this.#end !== undefined) {
          reject(new VerificationError(verifyMessages.ended(this.#end, what)));
        }
      };
      this.#watchers.add(look);
      stopLooking = () => this.#watchers.delete(look);
      look();
    });
    try {
      await within(timeout, seen, () => {
        throw new VerificationError(verifyMessages.tooLate(what, timeout));
      });
    } finally {
      stopLooking?.();
    }
  }

  /** Stops the application with SIGTERM, or kills it if it does not stop. */
  async stop(): Promise<'stopped' | 'killed'> {
    this.signal('SIGTERM');
    const how = await within(
      STOP_MILLISECONDS,
      this.#closed.then(() => 'stopped' as const),
      async () => {
        this.kill();
        await within(KILL_MILLISECONDS, this.#closed, () => {});
        return 'killed' as const;
      },
    );
    await this.socket.close();
    return how;
  }

  /** Kills all processes of the application. */
  kill(): void {
    if (this.#end === undefined && this.#child.pid !== undefined) {
      tell(-this.#child.pid, 'SIGKILL');
      this.processes.forEach(pid => tell(pid, 'SIGKILL'));
    }
  }

  #hear(primary: number, event: LifecycleEvent): void {
    this.primary ??= primary;
    // The event is of another application, below or beside this one.
    if (primary !== this.primary) {
      return;
    }
    const { type, address } = event;
    if (type === 'workerListening' && address?.port) {
      this.address ??= { address: address.address, port: address.port };
    }
    this.workers.hear(event);
    this.#notify(event);
  }

  #notify(event?: LifecycleEvent): void {
    this.#watchers.forEach(look => look(event));
  }
}

function tell(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) {
      process.kill(pid, signal);
    }
  } catch {
    // It has ended already.
  }
}
