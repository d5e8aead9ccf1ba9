import { HostStoppingError } from '../../model/errors/host-stopping.error.js';

/** One thing at a time that changes which workers there are. @internal */
export type Command<Value = void> = (signal: AbortSignal) => Promise<Value>;

/**
 * Runs commands one after the other. A stop pre-empts all: the command that runs is told by its
 * signal, those that wait never start, and nothing is taken afterwards.
 *
 * @internal
 */
export class CommandQueue {
  readonly #abort = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs `command` after all before it. The answer settles as the command does.
   *
   * @throws HostStoppingError if a stop comes before it
   */
  run<Value>(command: Command<Value>): Promise<Value> {
    const done = this.#last.then(() => this.#unlessClosed(command));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Ends the queue: `command` runs at once, whatever else was going on. */
  preempt(command: () => Promise<void>): Promise<void> {
    this.#abort.abort(new HostStoppingError());
    return command();
  }

  async #unlessClosed<Value>(command: Command<Value>): Promise<Value> {
    this.#abort.signal.throwIfAborted();
    return command(this.#abort.signal);
  }
}
