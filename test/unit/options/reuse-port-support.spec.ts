import { describe, expect, it } from '@jest/globals';
import { assertReusePort } from '../../../src/options/reuse-port-support.js';

describe('assertReusePort()', () => {
  it.each(['22.12.0', '23.1.0', '24.0.0', '26.10.0'])('accepts Node %s on Linux', version => {
    expect(() => assertReusePort(version, 'linux')).not.toThrow();
  });

  it.each([
    ['20.20.2', 'linux'],
    ['22.11.0', 'linux'],
    ['24.0.0', 'darwin'],
  ] as const)('refuses Node %s on %s, and names what to use instead', (version, platform) => {
    expect(() => assertReusePort(version, platform)).toThrow(/'round-robin' or 'shared'/);
  });
});
