/**
 * The number of partitions of a namespace: enough to distribute keys over a large Redis Cluster, few enough for the
 * data that is stored for each client and partition.
 *
 * @internal
 */
export const PARTITIONS = 1024;

/**
 * Returns the partition of a key: FNV-1a over its UTF-16 units, modulo {@link PARTITIONS}.
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
