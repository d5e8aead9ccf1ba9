import { AsyncLocalStorage } from 'node:async_hooks';

/** The method of `NestFactory` that creates an application. @internal */
export type FactoryMethod = 'create' | 'createMicroservice' | 'createApplicationContext';

/** A running call of one of Nest's factories. @internal */
export interface FactoryCall {
  readonly method: FactoryMethod;
  /** The root module of the call. */
  readonly root: unknown;
}

const calls = new AsyncLocalStorage<FactoryCall>();
let underWay = 0;

/**
 * Runs `create` in a context from which everything that it awaits can read the call.
 *
 * @internal
 */
export async function runFactoryCall<T>(call: FactoryCall, create: () => Promise<T>): Promise<T> {
  underWay++;
  try {
    return await calls.run(call, create);
  } finally {
    endFactoryCall();
  }
}

/** Ends a call, also one that never returns in the primary. @internal */
export function endFactoryCall(): void {
  underWay--;
  if (underWay === 0) {
    // Before Node 24, every promise is slower as long as there is a context to propagate.
    calls.disable();
  }
}

/** Returns the factory call in which this code runs, if any. @internal */
export function currentFactoryCall(): FactoryCall | undefined {
  return calls.getStore();
}
