/**
 * The variables by which systemd talks to one process, the primary. A worker, or a program that it starts, must not
 * take them for its own: it could announce that the service stops, or close a descriptor of another meaning.
 *
 * @internal
 */
export const SERVICE_VARIABLES: readonly string[] = [
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'LISTEN_FDNAMES',
  'LISTEN_FDS',
  'LISTEN_PID',
];

/** Returns an environment without these variables, for `{ ...process.env, ...withoutServiceVariables() }`. @internal */
export function withoutServiceVariables(): Record<string, undefined> {
  return Object.fromEntries(SERVICE_VARIABLES.map(name => [name, undefined]));
}
