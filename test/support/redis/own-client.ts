import type { Cluster, Redis } from 'ioredis';
import type { TestContext } from 'vitest';

/** A test that may run at the same time as others. It closes what it has opened. */
export type ConcurrentTest = Pick<TestContext, 'onTestFinished'>;

/** Returns a client of the application, which ends with the test. Its errors are ignored. */
export function ownClient<Client extends Redis | Cluster>(
  client: Client,
  { onTestFinished }: ConcurrentTest,
): Client {
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}
