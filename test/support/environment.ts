/**
 * Jest marks a process as part of a test run by these, and our package takes what a test run starts
 * for a test: it stays in one process. An application of a user's has neither.
 */
const OF_THIS_TEST_RUN = ['NODE_ENV', 'JEST_WORKER_ID', 'NODE_OPTIONS', 'TEST_REDIS_URL'];

/** For npm, which must know proxies, certificates and registries as they are set up here. */
export function environmentForNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THIS_TEST_RUN.includes(name)),
  );
}

/** For an application: nothing but what is said. */
export function environmentForApplication(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...variables };
}
