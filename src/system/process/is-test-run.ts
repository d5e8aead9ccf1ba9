/** Whether this process is run by a test runner, or `NODE_ENV` is `test`. @internal */
export function isTestRun(env: NodeJS.ProcessEnv): boolean {
  return (
    env['NODE_ENV'] === 'test' ||
    [env['JEST_WORKER_ID'], env['VITEST_WORKER_ID'], env['NODE_TEST_CONTEXT']].some(Boolean)
  );
}
