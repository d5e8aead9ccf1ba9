/**
 * The variables by which Vitest marks a test run. An application that a test starts must not inherit them: the package
 * would run it in single mode.
 */
const OF_THIS_TEST_RUN = /^(NODE_ENV|NODE_OPTIONS|TEST_REDIS_URL|TEST|MODE|DEV|PROD|SSR|VITEST.*)$/;

/** The environment for npm, with the proxies, certificates and registries of this machine. */
export function environmentForNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THIS_TEST_RUN.test(name)),
  );
}

/** The environment for an application: only the given variables. */
export function environmentForApplication(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...variables };
}
