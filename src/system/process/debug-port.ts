/** Node's default inspector port. */
const DEFAULT_PORT = 9229;

/**
 * Makes an inspector that is opened in this process use any free port. By default, all workers of this host would
 * use the same port, and all of them would fail if another application is being debugged.
 *
 * It does not use `--inspect-port=0`, because that would be in `process.execArgv`, and passed to all child
 * processes.
 *
 * @internal
 */
export function takeAnyDebugPort(): void {
  if (process.debugPort === DEFAULT_PORT) {
    process.debugPort = 0;
  }
}
