const SLOTS = 16_384;

/**
 * Returns the Redis Cluster slot of a key or a sharded channel: CRC-16/XMODEM of the hash tag in its first braces, or
 * of the whole name without one.
 *
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
 *
 * @internal
 */
export function hashSlot(name: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(name)?.[1];
  let crc = 0;
  for (const byte of Buffer.from(tag ?? name)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
    }
  }
  return crc % SLOTS;
}
