/** Matches the scripts of Mocha, which sets no variable: its files, and links to them in directories of commands. */
const MOCHA = /[/\\](?:node_modules[/\\]mocha[/\\].+|\.?bin[/\\]_?mocha)$/;

/**
 * Whether this process is run by a test runner, or `NODE_ENV` is `test`. AVA sets `NODE_ENV`.
 *
 * @param script the main script
 * @internal
 */
export function isTestRun(env: NodeJS.ProcessEnv, script = process.argv[1] ?? ''): boolean {
  return (
    env['NODE_ENV'] === 'test' ||
    [env['JEST_WORKER_ID'], env['VITEST_WORKER_ID'], env['NODE_TEST_CONTEXT']].some(Boolean) ||
    MOCHA.test(script)
  );
}
