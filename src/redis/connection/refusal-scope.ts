/**
 * What a refusal of a server concerns:
 * - `pause`: all commands, until the server has finished something else
 * - `demotion`: all commands, because the server has become a replica
 * - `commands`: some commands, until an operator changes the configuration
 *
 * @internal
 */
export type RefusalScope = 'pause' | 'demotion' | 'commands';

/** By the code of the reply. Refusals that calls handle (a full server) or that pass (a slot moves) are not listed. */
const SCOPES = new Map<string, RefusalScope>([
  ['BUSY', 'pause'],
  ['CLUSTERDOWN', 'pause'],
  ['LOADING', 'pause'],
  ['MASTERDOWN', 'demotion'],
  ['MISCONF', 'commands'],
  ['NOAUTH', 'commands'],
  ['NOPERM', 'commands'],
  ['NOREPLICAS', 'commands'],
  ['READONLY', 'demotion'],
  ['UNBLOCKED', 'demotion'],
  ['WRONGPASS', 'commands'],
]);

/** Returns the code with which an error of a server begins. @internal */
export function replyCode(message: string): string {
  return message.split(' ', 1)[0]!;
}

/** @internal */
export function refusalScope(message: string): RefusalScope | undefined {
  return isDeniedInScript(message) || isNotRun(message)
    ? 'commands'
    : SCOPES.get(replyCode(message));
}

/**
 * Returns whether the server has not run a command because it does not know it (`rename-command`), or because it does not
 * read it (`proto-max-bulk-len`).
 *
 * @internal
 */
export function isNotRun(message: string): boolean {
  return /^ERR (unknown command|Protocol error)/i.test(message);
}

/**
 * Returns whether a script has failed at a command that the user may not run. The reply does not tell what the script
 * has written before: Redis checks the permissions for each command of a script when it is reached.
 *
 * https://github.com/redis/redis/blob/7.0/src/script.c, `scriptVerifyACL()`; the second text is that of Redis 7.2 and later
 *
 * @internal
 */
export function isDeniedInScript(message: string): boolean {
  return /The user executing the script can't|ACL failure in script/.test(message);
}
