import { errorMonitor, type EventEmitter } from 'node:events';
import { watchExceptionHandler } from '../../nest/exception-handler.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import { bootFailure } from './boot-failure.js';

/**
 * Tells of the errors that may end this worker before it is ready: what nobody catches, what Nest ends a process
 * for, and a server that cannot listen. Changes nothing about what becomes of them.
 *
 * Nest logs an error of a provider or a module and ends the process: only its exception handler sees it.
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

  /** The worker has booted. */
  end(): void {
    process.off('uncaughtExceptionMonitor', this.#onError);
    this.#unwrap();
    this.#servers.forEach(server => server.off(errorMonitor, this.#onError));
    this.#servers.clear();
  }

  readonly #onError = (error: unknown): void => this.report(bootFailure(error));
}
