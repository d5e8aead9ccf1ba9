/** One thing at a time that changes which workers there are. @internal */
export type Command = (signal: AbortSignal) => Promise<void>;

/**
 * Runs commands one after the other. A stop pre-empts all: the command that runs is told by its
 * signal, those that wait never start, and nothing is taken afterwards.
 *
 * @internal
 */
export class CommandQueue {
  readonly #abort = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** Runs `command` after all before it. The answer settles as the command does. */
  run(command: Command): Promise<void> {
    const done = this.#last.then(() => this.#unlessClosed(command));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Ends the queue: `command` runs at once, whatever else was going on. */
  preempt(command: () => Promise<void>): Promise<void> {
    this.#abort.abort();
    return command();
  }

  async #unlessClosed(command: Command): Promise<void> {
    if (!this.#abort.signal.aborted) {
      await command(this.#abort.signal);
    }
  }
}
