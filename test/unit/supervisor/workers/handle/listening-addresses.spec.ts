import { describe, expect, it } from 'vitest';
import { ListeningAddresses } from '../../../../../src/supervisor/workers/handle/listening-addresses.js';

describe('ListeningAddresses', () => {
  it('tells whether an address is new', () => {
    const addresses = new ListeningAddresses();
    expect(addresses.add({ address: null, port: 3000 })).toBe(true);
    expect(addresses.add({ address: null, port: 3000 })).toBe(false);
    expect(addresses.add({ address: '127.0.0.1', port: 3000 })).toBe(true);
    expect(addresses.all).toEqual([
      { address: null, port: 3000 },
      { address: '127.0.0.1', port: 3000 },
    ]);
  });

  it('records a limited number', () => {
    const addresses = new ListeningAddresses();
    for (let port = 1; port <= 1_000; port++) {
      addresses.add({ address: null, port });
    }
    expect(addresses.add({ address: null, port: 1_001 })).toBe(false);
    expect(addresses.all).toHaveLength(1_000);
  });
});
