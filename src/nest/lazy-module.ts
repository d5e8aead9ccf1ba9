import type { DynamicModule } from '@nestjs/common';

/**
 * A promise of a module that does nothing until somebody awaits it. Nest awaits it when it scans
 * the imports of an application, so a file that merely imports an `AppModule` starts nothing.
 *
 * A subclass of `Promise`, because Nest's scanner asks for `instanceof Promise`.
 *
 * @internal
 */
export class LazyModule extends Promise<DynamicModule> {
  /** What `then()` of a promise of this class makes is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #resolve: () => Promise<DynamicModule>;
  #resolved: Promise<DynamicModule> | undefined;

  constructor(resolve: () => Promise<DynamicModule>) {
    super(() => {});
    this.#resolve = resolve;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what this class is about
  override then<Fulfilled = DynamicModule, Rejected = never>(
    onFulfilled?: ((module: DynamicModule) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.resolved().then(onFulfilled, onRejected);
  }

  /** What whoever awaits it now gets. */
  protected resolved(): Promise<DynamicModule> {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }
}
