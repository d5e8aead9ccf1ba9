import { describe, expect, it } from 'vitest';
import { hashSlot } from '../../../../src/redis/cluster/hash-slot.js';

describe('the slot of a name', () => {
  // As CLUSTER KEYSLOT says.
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['{foo}:bar', 12_182],
    ['tickets:{foo}~news{bar}', 12_182],
    ['{}foo', 9_500],
    ['grüße', 3_194],
    ['', 0],
  ])('of "%s" is %i', (name, slot) => {
    expect(hashSlot(name)).toBe(slot);
  });
});
