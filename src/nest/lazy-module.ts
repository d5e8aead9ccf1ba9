import type { DynamicModule } from '@nestjs/common';

/**
 * A promise of a module that does nothing until it is awaited. Nest awaits it when it scans the imports of an
 * application, so importing a file with an `AppModule` starts nothing.
 *
 * It is a subclass of `Promise`, because Nest's scanner checks `instanceof Promise`.
 *
 * @internal
 */
export class LazyModule extends Promise<DynamicModule> {
  /** Makes `then()` return an ordinary promise. */
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

  /** Returns the module for the code that awaits it now. */
  protected resolved(): Promise<DynamicModule> {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }
}
