import { ApplicationUnderTest } from '../../build/cli/verify/verified-application.js';

/** Maximum milliseconds until all workers are ready, on a busy machine. */
const READY_MILLISECONDS = 60_000;

/** Maximum milliseconds until the application is healthy again after a fault. */
export const RECOVERY_MILLISECONDS = 60_000;

export interface HostOptions {
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly workers: number;
  readonly onOutput?: (text: Buffer) => void;
}

/** The host under test. It is started again when it has ended, as by a service manager. */
export class Host {
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    await host.#start();
    return host;
  }

  #app!: ApplicationUnderTest;

  private constructor(private readonly options: HostOptions) {}

  get app(): ApplicationUnderTest {
    return this.#app;
  }

  /** The last output of the current or last process. */
  get output(): string {
    return this.#app.output.toString();
  }

  signal(signal: NodeJS.Signals): void {
    this.#app.signal(signal);
  }

  /** Resolves when exactly the wanted number of workers is ready. */
  async untilWhole(workers = this.options.workers): Promise<void> {
    const { app } = this;
    await app.until(
      () => app.workers.isSettled && app.workers.ready.length === workers,
      RECOVERY_MILLISECONDS,
      `${workers} workers were ready`,
    );
  }

  /** Stops the host with SIGTERM, and starts it again. */
  async restart(): Promise<void> {
    const how = await this.#app.stop();
    if (how !== 'stopped') {
      throw new Error('The host did not stop in time, and was killed.');
    }
    await this.#start();
  }

  /** Kills the primary, and starts the host again when all of its processes have ended. */
  async killPrimary(): Promise<void> {
    const { app } = this;
    const { primary, processes } = app;
    process.kill(primary!, 'SIGKILL');
    await app
      .until(
        () => app.end !== undefined,
        RECOVERY_MILLISECONDS,
        `all of ${processes.join(', ')} had ended`,
      )
      .catch((error: unknown) => {
        // `until()` also rejects when the application ends. That is the expected end here.
        if (app.end === undefined) {
          throw error;
        }
      });
    await app.stop();
    await this.#start();
  }

  async stop(): Promise<'stopped' | 'killed'> {
    return this.#app.stop();
  }

  /** Kills all processes. */
  kill(): void {
    this.#app.kill();
  }

  async #start(): Promise<void> {
    const { main, env, onOutput } = this.options;
    this.#app = await ApplicationUnderTest.start([process.execPath, main], {
      env,
      ...(onOutput && { onOutput }),
    });
    await this.#app.until(
      () => this.#app.workers.ready.length >= this.options.workers,
      READY_MILLISECONDS,
      'all workers were ready',
    );
  }
}
