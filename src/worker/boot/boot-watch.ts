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

  /**
   * @param onFailure is called before the failure is reported
   * @param report reports it as long as there is no `reportTo()`
   */
  constructor(
    private readonly onFailure: (failure: BootFailure) => void,
    private report: (failure: BootFailure) => void,
  ) {
    process.on('uncaughtExceptionMonitor', this.#onError);
    this.#unwrap = watchExceptionHandler(this.#onError);
  }

  reportTo(report: (failure: BootFailure) => void): void {
    this.report = report;
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

  readonly #onError = (error: unknown): void => {
    const failure = bootFailure(error);
    this.onFailure(failure);
    this.report(failure);
  };
}
