import { AsyncLocalStorage } from 'node:async_hooks';

/** The method of `NestFactory` that creates an application. @internal */
export type FactoryMethod = 'create' | 'createMicroservice' | 'createApplicationContext';

/** A running call of one of Nest's factories. @internal */
export interface FactoryCall {
  readonly method: FactoryMethod;
  /** The root module of the call. */
  readonly root: unknown;
}

/**
 * The context of calls that run at the same time as another one. Before Node 24, every promise is slower as long as there
 * is a context to propagate: 35 ms of CPU time in the boot of an empty application.
 */
const concurrent = new AsyncLocalStorage<FactoryCall>();
const concurrentCalls = new Set<FactoryCall>();

/** The call that has no context. Code without a context probably belongs to it. */
let only: FactoryCall | undefined;

/** The calls that have made containers. Other containers are those of `@nestjs/testing`, for example. */
const makers = new WeakMap<object, FactoryCall>();

/**
 * Runs `create` so that everything that it awaits can read the call.
 *
 * @internal
 */
export async function runFactoryCall<T>(call: FactoryCall, create: () => Promise<T>): Promise<T> {
  try {
    if (currentFactoryCall() === undefined) {
      only = call;
      return await create();
    }
    concurrentCalls.add(call);
    return await concurrent.run(call, create);
  } finally {
    end(call);
  }
}

/** Ends the current call, which never returns in the primary. @internal */
export function endFactoryCall(): void {
  end(currentFactoryCall());
}

function end(call: FactoryCall | undefined): void {
  if (call === only) {
    only = undefined;
  } else if (call && concurrentCalls.delete(call) && concurrentCalls.size === 0) {
    concurrent.disable();
  }
}

/** Returns the factory call in which this code runs, if any. @internal */
export function currentFactoryCall(): FactoryCall | undefined {
  return concurrentCall() ?? only;
}

/** Returns the factory call in which this code runs, if it began while another one was running. @internal */
export function concurrentCall(): FactoryCall | undefined {
  return concurrent.getStore();
}

/** Returns the factory call that has made a container. @internal */
export function makerOf(container: object): FactoryCall | undefined {
  return makers.get(container);
}

/** What `NestFactory` does when it has made the container of an application. */
interface Initializer {
  initialize(module: unknown, container: object, ...rest: readonly unknown[]): Promise<void>;
}

/**
 * Returns a factory that behaves like the given one, and notes the container that it makes for a call.
 *
 * @internal
 */
export function factoryFor<Factory extends object>(factory: Factory, call: FactoryCall): Factory {
  const { initialize } = factory as unknown as Partial<Initializer>;
  if (!initialize) {
    return factory;
  }
  const noting: Initializer = {
    initialize(module, container, ...rest) {
      makers.set(container, call);
      return initialize.call(this, module, container, ...rest);
    },
  };
  return Object.create(factory, Object.getOwnPropertyDescriptors(noting)) as Factory;
}
