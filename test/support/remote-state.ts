import { Application, type ApplicationOptions } from './application.js';
import { eventually } from './eventually.js';

/** The outcome of a call: a value or an error. */
export interface Answer<T = unknown> {
  readonly pid: number;
  readonly value?: T;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly operationId?: string;
  };
  /** The time of the worker's clock. */
  readonly now?: number;
  /** Milliseconds. */
  readonly took: number;
}

/** The shared state of an application. Any worker may answer. */
export class RemoteState {
  static async ready(options: ApplicationOptions = {}): Promise<RemoteState> {
    return new RemoteState(await Application.ready('state/remote', options));
  }

  constructor(readonly app: Application) {}

  increment(name: string, options: object = {}): Promise<Answer<number>> {
    return this.call({ object: ['counter', name, options], method: 'increment' });
  }

  async get<T>(key: string): Promise<T | undefined> {
    const { value, error } = await this.call<T>({ method: 'get', args: [key] });
    if (error) {
      throw new Error(error.message);
    }
    return value;
  }

  call<T>(call: object): Promise<Answer<T>> {
    return this.post('/call', call);
  }

  async post<T>(path: string, body: object = {}): Promise<T> {
    const response = await fetch(this.app.url(path), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  }

  /** The running workers. */
  get workers(): number[] {
    const gone = new Set(this.app.of('workerExited').map(({ pid }) => pid));
    return this.app.of('workerReady').flatMap(({ pid }) => (gone.has(pid) ? [] : [pid]));
  }

  /** Resolves when one call has succeeded in each worker. */
  async untilAvailable(timeout = 15_000): Promise<void> {
    let last: Answer | undefined;
    const able = new Set<number>();
    await eventually(
      async () => {
        last = await this.increment('until-available');
        if (!last.error) {
          able.add(last.pid);
        }
        return this.workers.every(pid => able.has(pid));
      },
      timeout,
      () => `${JSON.stringify(last)}\n${this.app.output}`,
    );
  }
}
