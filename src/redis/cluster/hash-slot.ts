const SLOTS = 16_384;

/**
 * The slot of a Redis Cluster that a key or a sharded channel belongs to: CRC-16/XMODEM of what stands
 * in its first braces, or else of all of it.
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
