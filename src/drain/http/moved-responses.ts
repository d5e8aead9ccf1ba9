import type { ServerResponse } from 'node:http';

const moved = new WeakSet<object>();

/**
 * Notes that another worker sends a response. In this process, it ends without having been sent.
 *
 * @internal
 */
export function noteMoved(response: ServerResponse): void {
  moved.add(response);
}

/** Returns whether another worker sends a response. @internal */
export function hasMoved(response: object): boolean {
  return moved.has(response);
}
