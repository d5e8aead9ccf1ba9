import { AsyncLocalStorage } from 'node:async_hooks';

/** Which method of `NestFactory` creates an application. @internal */
export type FactoryMethod = 'create' | 'createMicroservice' | 'createApplicationContext';

/** A call of one of Nest's factories that is under way. @internal */
export interface FactoryCall {
  readonly method: FactoryMethod;
  /** The root module that it was given. */
  readonly root: unknown;
}

const calls = new AsyncLocalStorage<FactoryCall>();
let underWay = 0;

/**
 * Runs `create` so that everything it awaits knows by which call.
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

/** Also for a call that never returns, in the primary. @internal */
export function endFactoryCall(): void {
  underWay--;
  if (underWay === 0) {
    // Before Node 24, every promise of a process costs more as long as there is a context to carry.
    calls.disable();
  }
}

/** The factory call in which this is run, if it is run in one. @internal */
export function currentFactoryCall(): FactoryCall | undefined {
  return calls.getStore();
}
