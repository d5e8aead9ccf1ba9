/**
 * Into how many parts the keys of one namespace are divided: fine enough for a Redis Cluster of any
 * size that makes sense, coarse enough for what is kept for each client and part.
 *
 * @internal
 */
export const PARTITIONS = 1024;

/**
 * The part that a key belongs to: FNV-1a over its UTF-16 units, modulo {@link PARTITIONS}.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 *
 * @internal
 */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
}
