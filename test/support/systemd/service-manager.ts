import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('service-manager.py', import.meta.url));

/** A socket of a service. With port 0, the system chooses one. */
export type ServiceSocket = (
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string }
) & { readonly name?: string; readonly backlog?: number };

export interface Service {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly listen?: readonly ServiceSocket[];
  /** The path of the socket for notifications; `@name` is in the abstract namespace. */
  readonly notify?: string;
  /** Microseconds within which the service must give a sign of life. */
  readonly watchdog?: number;
}

/** A message that the service sent. */
export interface Notification {
  readonly lines: readonly string[];
  /** The process that the kernel names as the sender. */
  readonly sender: number;
  /** The main process of the service at that time. */
  readonly main: number;
}

type ManagerEvent =
  | { readonly event: 'bound'; readonly port: number | null }
  | { readonly event: 'listening' }
  | { readonly event: 'started'; readonly pid: number }
  | { readonly event: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | ({ readonly event: 'notified' } & Notification)
  | { readonly event: 'exited'; readonly pid: number; readonly code: number };

/** Plays systemd with a real process: see `service-manager.py`. The sockets stay open while the service restarts. */
export class ServiceManager {
  static readonly #running = new Set<ServiceManager>();

  static async create(service: Service): Promise<ServiceManager> {
    const manager = new ServiceManager(service);
    ServiceManager.#running.add(manager);
    await manager.until(() => manager.#events.some(({ event }) => event === 'listening'));
    return manager;
  }

  /** Kills all services. For `afterEach`. */
  static async endAll(): Promise<void> {
    await Promise.all([...ServiceManager.#running].map(manager => manager.end()));
  }

  output = '';
  readonly #process: ChildProcess;
  readonly #events: ManagerEvent[] = [];
  readonly #ended: Promise<unknown>;
  #hasEnded = false;
  #wake: () => void = () => {};

  private constructor(service: Service) {
    this.#process = spawn('python3', [program, JSON.stringify({ listen: [], ...service })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdin!.on('error', () => {});
    createInterface({ input: this.#process.stdout! }).on('line', line => {
      const event = JSON.parse(line) as ManagerEvent;
      this.#events.push(event);
      this.output += event.event === 'output' ? event.text : '';
      this.#wake();
    });
    this.#ended = once(this.#process, 'close').finally(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /** The ports of the sockets, in order; `null` for Unix sockets. */
  get ports(): readonly (number | null)[] {
    return this.#of('bound').map(({ port }) => port);
  }

  get notifications(): readonly Notification[] {
    return this.#of('notified');
  }

  /** The exit codes of the services so far; −n for signal n. */
  get exits(): readonly number[] {
    return this.#of('exited').map(({ code }) => code);
  }

  get pid(): number {
    return this.#of('started').at(-1)?.pid ?? 0;
  }

  start(env: Readonly<Record<string, string>> = {}): void {
    this.#command({ do: 'start', env });
  }

  kill(signal: NodeJS.Signals): void {
    this.#command({ do: 'kill', signal });
  }

  /** Stops the service as systemd does, and resolves when it has exited. */
  async stop(timeout?: number): Promise<void> {
    const exits = this.exits.length;
    this.kill('SIGTERM');
    await this.until(() => this.exits.length > exits, timeout);
  }

  /** Starts the service, and resolves when it has said that it is ready. */
  async startReady(env?: Readonly<Record<string, string>>): Promise<void> {
    const ready = this.count('READY=1');
    this.start(env);
    await this.until(() => this.count('READY=1') > ready);
  }

  /** How often the service has sent this line. */
  count(line: string): number {
    return this.notifications.filter(({ lines }) => lines.includes(line)).length;
  }

  /** Waits for something that the service does. */
  async until(condition: () => boolean, timeout = 60_000): Promise<void> {
    const deadline = performance.now() + timeout;
    while (!condition()) {
      const left = deadline - performance.now();
      if (this.#hasEnded || left <= 0) {
        throw new Error(`${String(condition)} did not happen within ${timeout} ms\n${this.output}`);
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  async end(): Promise<void> {
    this.#process.stdin!.end();
    await this.#ended;
    ServiceManager.#running.delete(this);
  }

  #command(order: object): void {
    this.#process.stdin!.write(`${JSON.stringify(order)}\n`);
  }

  #of<Name extends ManagerEvent['event']>(name: Name): Extract<ManagerEvent, { event: Name }>[] {
    return this.#events.filter(
      (event): event is Extract<ManagerEvent, { event: Name }> => event.event === name,
    );
  }
}
