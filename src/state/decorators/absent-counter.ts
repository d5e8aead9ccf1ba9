import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import type { StateClient } from '../client/state-client.js';
import { Counter, type CounterOptions } from '../objects/counter.js';

/**
 * Returns the counter of a test that overrides `SharedState` by an object without `counter()`. Most tests do not use it, so
 * only its calls fail.
 *
 * @internal
 */
export function absentCounter(name: string, options: CounterOptions): Counter {
  const given = JSON.stringify(options);
  const token = `getCounterToken(${JSON.stringify(name)}${given === '{}' ? '' : `, ${given}`})`;
  const run = async (): Promise<never> => {
    throw new ClusterConfigError(
      '@InjectCounter',
      undefined,
      'a SharedState with the method counter()',
      `@InjectCounter(${JSON.stringify(name)}) has no counter: SharedState is overridden by a value without counter(). Add counter() to that value, or override the counter: overrideProvider(${token}).useValue(…).`,
    );
  };
  return new Counter({ run } as Pick<StateClient, 'run'> as StateClient, name, options);
}
