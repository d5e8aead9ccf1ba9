/**
 * How long an owner that waited has for its first sign of life, in milliseconds, after it was granted
 * a lock: it may be gone.
 *
 * @internal
 */
export const CLAIM_MILLISECONDS = 2_000;

/** Somebody who wants a lock, once: the client, and a number of its own. @internal */
export function ownerOf(client: string, number: number): string {
  return `${client}.${number}`;
}

/** @internal */
export function clientOf(owner: string): string {
  return owner.slice(0, owner.lastIndexOf('.'));
}
