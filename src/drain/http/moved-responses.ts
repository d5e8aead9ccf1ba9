import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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

/** From servers to what changes the number of their requests. */
const counts = new WeakMap<Server, (change: number) => void>();

/** Lets `correct` change the number of requests of a server. @internal */
export function correctWith(server: Server, correct: (change: number) => void): void {
  counts.set(server, correct);
}

/**
 * Takes a request out of the number of requests: another worker gets it. To be called at once, because that number must never
 * become smaller for those who read it.
 *
 * @returns a function that counts it after all
 * @internal
 */
export function uncount({ socket }: IncomingMessage): () => void {
  const { server }: Socket & { readonly server?: Server } = socket;
  const correct = server && counts.get(server);
  correct?.(-1);
  return () => correct?.(1);
}
