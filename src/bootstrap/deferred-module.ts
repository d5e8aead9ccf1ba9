import { type DynamicModule, Module } from '@nestjs/common';
import { assertOneCore } from '../nest/nest-copies.js';
import { concurrentCall, currentFactoryCall, type FactoryCall } from '../nest/factory-call.js';
import { LazyModule } from '../nest/lazy-module.js';
import { callerOutside } from '../nest/caller-outside.js';
import { isSameRegistration, type Registration } from './registration.js';

/**
 * What creates an application: a call of `NestFactory`; `'no-factory'` for other users of Nest's container, such as
 * `@nestjs/testing`; `'unknown'` if it cannot be determined.
 *
 * @internal
 */
export type Creator = FactoryCall | 'no-factory' | 'unknown';

/** Imports a module that the user has awaited into the application that then receives it. */
@Module({})
class ForwardingModule {}

/**
 * The return value of `ClusterModule.forRoot()`. Each kind of factory call that awaits it gets a separate module: in
 * the primary, the module for an application never resolves, but the module for a script does.
 *
 * @internal
 */
export class DeferredModule extends LazyModule {
  readonly #modules = new Map<string, Promise<DynamicModule>>();
  readonly #make: (creator: Creator) => Promise<DynamicModule>;
  /** Private: Nest may serialize the imports of a dynamic module, and objects of the user with them. */
  readonly #registration: Registration;
  #standsFor: DeferredModule | undefined;
  #refusal: Error | undefined;
  /** The calls that await it, or have awaited it. */
  readonly #calls = new WeakSet<FactoryCall>();
  /** What was the last to announce that it awaits this module. */
  #latest: Creator = 'unknown';
  #isForwarded = false;

  constructor(make: (creator: Creator) => Promise<DynamicModule>, registration: Registration) {
    super(() => Promise.reject(new TypeError('A deferred module has no module of its own.')));
    this.#make = make;
    this.#registration = registration;
  }

  /** Notes that the same copy of Nest is about to await it, for this creator. */
  expect(creator: FactoryCall | 'no-factory'): void {
    this.#latest = creator;
    if (creator !== 'no-factory') {
      this.#calls.add(creator);
    }
  }

  /** Resolves with the module of `other` from now on, so that Nest registers both imports as one module. */
  standFor(other: DeferredModule): void {
    this.#standsFor = other;
  }

  /** Rejects with this error from now on. */
  refuse(error: Error): void {
    this.#refusal = error;
  }

  isSameAs(other: DeferredModule): boolean {
    return isSameRegistration(this.#registration, other.#registration);
  }

  protected override resolved(): Promise<DynamicModule> {
    if (this.#refusal) {
      return Promise.reject(this.#refusal);
    }
    if (this.#standsFor) {
      return this.#standsFor.resolved();
    }
    const creator = this.#creator();
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

  /** Returns what awaits this module now. */
  #creator(): Creator {
    const call = currentFactoryCall();
    return call && (call === concurrentCall() || this.#calls.has(call)) ? call : this.#latest;
  }

  /**
   * Returns a module for code that awaits it outside of an application: the user (`imports: [await forRoot()]`), or
   * another copy of Nest, which is an error. Which of the two it is shows when the module is read.
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
