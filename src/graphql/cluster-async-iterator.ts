import type { PubSubEngine } from 'graphql-subscriptions';
import { Fifo } from '../system/collections/fifo.js';

const DONE = { value: undefined, done: true } as const;

interface Pull<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** @internal */
export interface IteratorObserver {
  /** Whether no iterator may begin any more. */
  readonly isOver: () => boolean;
  /** Called when the iterator begins to subscribe. */
  readonly onStart: () => void;
  readonly onEnd: () => void;
}

/**
 * An iterator over the events of several triggers. After its end, and if it cannot subscribe, every call of `next()`
 * settles.
 *
 * @internal
 */
export class ClusterAsyncIterator<T> implements AsyncIterableIterator<T> {
  readonly #values = new Fifo<T>();
  readonly #pulls = new Fifo<Pull<T>>();
  readonly #triggers: readonly string[];
  #subscribed: Promise<readonly number[]> | undefined;
  #isOver = false;

  constructor(
    private readonly engine: PubSubEngine,
    triggers: string | readonly string[],
    private readonly observer: IteratorObserver,
  ) {
    this.#triggers = typeof triggers === 'string' ? [triggers] : triggers;
  }

  /**
   * Returns the next event.
   *
   * @throws the error of the subscription, if it could not be made; the iterator has ended then
   */
  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) {
      return Promise.resolve({ value: this.#values.shift()!, done: false });
    }
    if (this.#isOver || (!this.#subscribed && this.observer.isOver())) {
      return Promise.resolve(DONE);
    }
    this.#start();
    return new Promise((resolve, reject) => this.#pulls.push({ resolve, reject }));
  }

  /** Ends the subscriptions. The iterator ends when the events that have arrived are read. */
  unsubscribe(): void {
    this.#end(({ resolve }) => resolve(DONE));
  }

  /** Ends the iterator, and its subscriptions. Events that have not been read are dropped. */
  async return(): Promise<IteratorResult<T>> {
    this.unsubscribe();
    this.#values.clear();
    await Promise.resolve();
    return DONE;
  }

  /** Ends the iterator like `return()`. @throws the given error */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #start(): void {
    if (this.#subscribed) {
      return;
    }
    this.observer.onStart();
    this.#subscribed = this.#subscribe();
    this.#subscribed.catch((error: unknown) => {
      this.#values.clear();
      this.#end(({ reject }) => reject(error));
    });
  }

  async #subscribe(): Promise<readonly number[]> {
    const results = await Promise.allSettled(
      this.#triggers.map(trigger =>
        this.engine.subscribe(trigger, (value: T) => this.#push(value), {}),
      ),
    );
    const ids = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = results.find(({ status }) => status === 'rejected');
    if (failure) {
      ids.forEach(id => void this.engine.unsubscribe(id));
      throw (failure as PromiseRejectedResult).reason;
    }
    return ids;
  }

  #push(value: T): void {
    if (this.#isOver) {
      return;
    }
    if (this.#pulls.length > 0) {
      this.#pulls.shift()!.resolve({ value, done: false });
    } else {
      this.#values.push(value);
    }
  }

  #end(settle: (pull: Pull<T>) => void): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = true;
    while (this.#pulls.length > 0) {
      settle(this.#pulls.shift()!);
    }
    this.observer.onEnd();
    this.#subscribed?.then(
      ids => ids.forEach(id => void this.engine.unsubscribe(id)),
      () => {},
    );
  }
}
