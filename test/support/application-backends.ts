import { randomUUID } from 'node:crypto';

type Environment = Readonly<Record<string, string>>;

/** The environment of an application that uses the Redis server of the tests, in a namespace of its own. */
export const onRedis = (): Environment => ({
  CLUSTER_REDIS_URL: process.env['TEST_REDIS_URL'] ?? 'redis://TEST_REDIS_URL.is.not.set',
  CLUSTER_NAMESPACE: randomUUID(),
});

/** The backends of an application for `describe.each`: their names, and functions that return their environment. */
export const APPLICATION_BACKENDS: [name: string, env: () => Environment][] = [
  ['memory', () => ({})],
  ['Redis', onRedis],
];
