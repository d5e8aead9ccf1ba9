import { errorMonitor, type EventEmitter } from 'node:events';
import { watchExceptionHandler } from '../../nest/exception-handler.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import { bootFailure } from './boot-failure.js';

/**
 * Reports errors that may end this worker before it is ready: uncaught errors, errors for which Nest ends the
 * process, and servers that cannot listen. It does not change how they are handled.
 *
 * Nest logs an error of a provider or a module and ends the process, so only its exception handler sees it.
 *
 * @internal
 */
export class BootWatch {
  readonly #servers = new Set<EventEmitter>();
  readonly #unwrap: () => void;

  constructor(private readonly report: (failure: BootFailure) => void) {
    process.on('uncaughtExceptionMonitor', this.#onError);
    this.#unwrap = watchExceptionHandler(this.#onError);
  }

  watchServer(server: EventEmitter): void {
    this.#servers.add(server);
    server.on(errorMonitor, this.#onError);
  }

  /** Stops watching, because the worker has booted. */
  end(): void {
    process.off('uncaughtExceptionMonitor', this.#onError);
    this.#unwrap();
    this.#servers.forEach(server => server.off(errorMonitor, this.#onError));
    this.#servers.clear();
  }

  readonly #onError = (error: unknown): void => this.report(bootFailure(error));
}
