import type { WorkerProcess } from '../node-cluster/worker-process.js';
import type { WorkerOutput } from '../output/worker-output.js';
import { deferred } from '../../system/async/deferred.js';
import { closeInspector, CONNECT } from './close-inspector.js';
import { inspectorLine, type InspectorLine } from './inspector-lines.js';
import { InspectorError } from './inspector.error.js';
import { InspectorSession } from './inspector-session.js';

/** A process that can be inspected. @internal */
export type InspectedProcess = Pick<WorkerProcess, 'pid' | 'kill' | 'stderr'>;

type Listening = Extract<InspectorLine, { type: 'listening' }>;

/** An open inspector. @internal */
export interface OpenInspector {
  readonly url: URL;
  readonly session: InspectorSession;
}

/**
 * The inspector of one worker: opens and closes it, whether the worker is blocked or not.
 *
 * On SIGUSR1, Node starts the inspector in a separate thread, and V8 interrupts any running JavaScript, even a regular
 * expression, to answer it. So nothing has to run in the worker beforehand. Node tells the address on standard error. These
 * lines are not printed, because the user has not opened the inspector.
 *
 * Whoever reaches the inspector can run code, and every user of the machine can: it listens on the loopback interface, and
 * tells its whole address over HTTP. So it is open for as short a time as possible.
 *
 * @internal
 */
export class WorkerInspector {
  readonly #ended = new AbortController();
  readonly #opened = deferred<OpenInspector>();
  #stage: 'opening' | 'open' | 'closing' = 'opening';
  #open: OpenInspector | undefined;
  #stopFiltering = (): void => {};
  readonly #onEnd = (): void => {
    this.#ended.abort();
    this.#opened.reject(new InspectorError('exited'));
  };

  constructor(
    private readonly worker: InspectedProcess,
    private readonly output: Pick<WorkerOutput, 'filter'> | undefined,
  ) {
    this.#opened.promise.catch(() => {});
  }

  /**
   * Opens the inspector, and connects to it.
   *
   * @param timeout in ms
   * @throws InspectorError
   */
  async open(timeout: number): Promise<OpenInspector> {
    const { output, worker } = this;
    const { stderr } = worker;
    if (!stderr || !output) {
      throw new InspectorError('unread');
    }
    if (stderr.destroyed) {
      throw new InspectorError('exited');
    }
    const timer = setTimeout(() => this.#opened.reject(new InspectorError('silent')), timeout);
    stderr.once('close', this.#onEnd);
    this.#stopFiltering = output.filter(line => this.#onLine(line));
    worker.kill('SIGUSR1');
    try {
      return await this.#opened.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Closes the inspector, and resolves when nobody can connect to it any more, or when the worker has exited. Never rejects.
   * Until `unwatch()`, it is also closed if it opens later: a worker that runs native code acts on the signal afterwards.
   */
  async close(): Promise<void> {
    this.#stage = 'closing';
    this.#opened.reject(new InspectorError('silent'));
    if (this.#open) {
      const { url, session } = this.#open;
      await closeInspector(url, session, this.#ended.signal);
    }
  }

  /** Ends the connection, and no longer filters what the worker says about its inspector. */
  unwatch(): void {
    this.abandon();
    this.#stopFiltering();
  }

  /** Ends the connection to a worker that is killed now. */
  abandon(): void {
    this.#opened.reject(new InspectorError('silent'));
    this.worker.stderr?.off('close', this.#onEnd);
    this.#onEnd();
  }

  /** Returns whether the line is one of Node about the inspector. */
  #onLine(text: string): boolean {
    const line = inspectorLine(text);
    switch (line?.type) {
      case 'listening':
        void this.#onListening(line);
        break;
      case 'failed':
        this.#opened.reject(new InspectorError('refused', line.line));
        break;
      case 'exiting':
        // Otherwise, the worker would not exit.
        this.#open?.session.close();
        break;
      case 'other':
      case undefined:
        break;
    }
    return line !== undefined;
  }

  async #onListening({ url, isLoopback }: Listening): Promise<void> {
    const session = this.#stage === 'open' ? undefined : await this.#connect(url);
    if (this.#stage === 'closing' && session) {
      await closeInspector(url, session, this.#ended.signal);
      return;
    }
    if (this.#stage === 'open' || !session) {
      session?.close();
      return;
    }
    this.#stage = 'open';
    this.#open = { url, session };
    if (isLoopback) {
      this.#opened.resolve(this.#open);
    } else {
      this.#opened.reject(new InspectorError('public', url.host));
    }
  }

  /** Connects, unless the address is not that of the worker. */
  async #connect(url: URL): Promise<InspectorSession | undefined> {
    try {
      const session = await InspectorSession.open(url, this.#ended.signal);
      if ((await session.evaluate(CONNECT)) === this.worker.pid) {
        return session;
      }
      session.close();
    } catch {
      // A line of the application, or a worker that has exited.
    }
    return undefined;
  }
}
