import { type DynamicModule, Module } from '@nestjs/common';
import { assertOneCore } from '../nest/nest-copies.js';
import { currentFactoryCall, type FactoryCall } from '../nest/factory-call.js';
import { LazyModule } from '../nest/lazy-module.js';
import { callerOutside } from '../nest/own-package.js';
import { isSameRegistration, type Registration } from './registration.js';

/**
 * By whom an application is created: a call of `NestFactory`; `'no-factory'` is somebody else who uses Nest's
 * container, such as `@nestjs/testing`; `'unknown'` is somebody of whom nothing is known.
 *
 * @internal
 */
export type Creator = FactoryCall | 'no-factory' | 'unknown';

/** Stands between a module that somebody has awaited by himself and the application that then gets it. */
@Module({})
class ForwardingModule {}

/**
 * What `ClusterModule.forRoot()` returns. Each kind of factory call that awaits it gets a module of its own: who
 * awaits it for an application in the primary is parked for good, who awaits it for a script is not.
 *
 * @internal
 */
export class DeferredModule extends LazyModule {
  readonly #modules = new Map<string, Promise<DynamicModule>>();
  readonly #make: (creator: Creator) => Promise<DynamicModule>;
  #standsFor: DeferredModule | undefined;
  #refusal: Error | undefined;
  #isKnown = false;
  #isForwarded = false;

  constructor(
    make: (creator: Creator) => Promise<DynamicModule>,
    readonly registration: Registration,
  ) {
    super(() => Promise.reject(new TypeError('A deferred module is made for whoever awaits it.')));
    this.#make = make;
  }

  /** A container of our copy of Nest is about to await it. */
  expect(): void {
    this.#isKnown = true;
  }

  /** From now on, whoever awaits it gets the other one's module: Nest takes two of the same for one. */
  standFor(other: DeferredModule): void {
    this.#standsFor = other;
  }

  /** From now on, whoever awaits it gets this error. */
  refuse(error: Error): void {
    this.#refusal = error;
  }

  isSameAs(other: DeferredModule): boolean {
    return isSameRegistration(this.registration, other.registration);
  }

  protected override resolved(): Promise<DynamicModule> {
    if (this.#refusal) {
      return Promise.reject(this.#refusal);
    }
    if (this.#standsFor) {
      return this.#standsFor.resolved();
    }
    const creator = currentFactoryCall() ?? (this.#isKnown ? 'no-factory' : 'unknown');
    if (creator === 'unknown' && !this.#isForwarded) {
      return Promise.resolve(this.#forward());
    }
    const kind = typeof creator === 'string' ? creator : creator.method;
    const known = this.#modules.get(kind);
    if (known) {
      return known;
    }
    const module = this.#make(creator);
    this.#modules.set(kind, module);
    return module;
  }

  /**
   * Whoever has awaited it outside of an application is either the user (`imports: [await forRoot()]`), or another
   * copy of Nest, which has to be told. Which one it is shows when the module is read.
   */
  #forward(): DynamicModule {
    const forward = (): void => {
      assertOneCore(callerOutside());
      this.#isForwarded = true;
    };
    const self = this as DeferredModule;
    return {
      module: ForwardingModule,
      get imports() {
        forward();
        return [self];
      },
    };
  }
}
