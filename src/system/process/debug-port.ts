/** What Node takes if nobody has asked for another one. */
const DEFAULT_PORT = 9229;

/**
 * From now on, an inspector that is opened in this process takes any free port. Left to itself, each worker of
 * this host would want the same one, and none would get it where somebody debugs another application.
 *
 * Not as `--inspect-port=0`: that would be in `process.execArgv`, and so in whatever the application starts.
 *
 * @internal
 */
export function takeAnyDebugPort(): void {
  if (process.debugPort === DEFAULT_PORT) {
    process.debugPort = 0;
  }
}
