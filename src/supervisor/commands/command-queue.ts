import { HostStoppingError } from '../../model/errors/host-stopping.error.js';

/** An operation that changes which workers run; only one runs at a time. @internal */
export type Command<Value = void> = (signal: AbortSignal) => Promise<Value>;

/**
 * Runs commands one after the other. A stop pre-empts them: the running command is aborted by its signal, waiting
 * commands never start, and no further commands are accepted.
 *
 * @internal
 */
export class CommandQueue {
  readonly #abort = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs `command` after all earlier ones, and settles as it does.
   *
   * @throws HostStoppingError if the host stops first
   */
  run<Value>(command: Command<Value>): Promise<Value> {
    const done = this.#last.then(() => this.#unlessClosed(command));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Closes the queue and runs `command` at once, whatever else is running. */
  preempt(command: () => Promise<void>): Promise<void> {
    this.#abort.abort(new HostStoppingError());
    return command();
  }

  async #unlessClosed<Value>(command: Command<Value>): Promise<Value> {
    this.#abort.signal.throwIfAborted();
    return command(this.#abort.signal);
  }
}
