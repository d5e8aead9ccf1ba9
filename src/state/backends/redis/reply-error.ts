/**
 * Answers by which a server says that it did nothing, and may do it another time, or elsewhere.
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

/** Whether a server has answered that it did nothing. @internal */
export function isRefusal({ message }: Error): boolean {
  return REFUSALS.some(code => message.startsWith(code));
}

/** Whether a server has answered that it has no memory left, and did nothing. @internal */
export function isFull({ message }: Error): boolean {
  return message.startsWith('OOM');
}

/** Whether the server has become a replica, and another one is to be asked. @internal */
export function isDemotion({ message }: Error): boolean {
  return message.startsWith('READONLY') || message.startsWith('UNBLOCKED');
}
