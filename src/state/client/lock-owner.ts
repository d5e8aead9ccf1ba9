/**
 * Milliseconds within which an owner from the queue must claim a lock that it was granted, because it may have died.
 *
 * @internal
 */
export const CLAIM_MILLISECONDS = 2_000;

/** Returns the name of an owner, which identifies one lock request: the client, and a unique number. @internal */
export function ownerOf(client: string, number: number): string {
  return `${client}.${number}`;
}

/** @internal */
export function clientOf(owner: string): string {
  return owner.slice(0, owner.lastIndexOf('.'));
}
