/**
 * Errors with which a server refuses a command without applying it; a retry, possibly on another server, may succeed.
 * https://github.com/redis/redis/blob/7.0/src/server.c, `createSharedObjects()`
 */
const REFUSALS = [
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'WRONGPASS',
];

/** Returns whether the error means that the server applied nothing. @internal */
export function isRefusal({ message }: Error): boolean {
  return REFUSALS.some(code => message.startsWith(code));
}

/** Returns whether the error means that the server has no memory left and applied nothing. @internal */
export function isFull({ message }: Error): boolean {
  return message.startsWith('OOM');
}

/**
 * Returns whether the error means that the server has become a replica, so that another server must be used.
 *
 * @internal
 */
export function isDemotion({ message }: Error): boolean {
  return message.startsWith('READONLY') || message.startsWith('UNBLOCKED');
}
