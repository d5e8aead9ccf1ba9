/** The key of our own, by which messages of ours are told from those of others. */
const KEY = 'nestjs-cluster';

/** One thing inside an envelope: a message, a question, or the answer to one. @internal */
export type Packet =
  | { readonly message: unknown }
  | { readonly question: string; readonly id: number; readonly asks: unknown }
  | { readonly answers: number; readonly answer: unknown };

/** @internal */
export function seal(packets: readonly Packet[]): object {
  return { [KEY]: packets };
}

/**
 * The packets of an envelope; nothing for what is not an envelope of ours. Any library may send
 * anything over the channel, `null` too.
 *
 * @internal
 */
export function open(received: unknown): readonly Packet[] {
  if (typeof received !== 'object' || received === null || !Object.hasOwn(received, KEY)) {
    return [];
  }
  return (received as { [KEY]: readonly Packet[] })[KEY];
}
