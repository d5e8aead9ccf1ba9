import { describe, expect, it } from 'vitest';
import { reusePortProblem } from '../../../src/config/reuse-port-support.js';

describe('reusePortProblem()', () => {
  it.each(['22.12.0', '23.1.0', '24.0.0', '26.10.0'])('accepts Node %s on Linux', version => {
    expect(reusePortProblem(version, 'linux')).toBeUndefined();
  });

  it.each([
    ['20.20.2', 'linux'],
    ['22.11.0', 'linux'],
    ['24.0.0', 'darwin'],
  ] as const)('refuses Node %s on %s, and names what to use instead', (version, platform) => {
    expect(reusePortProblem(version, platform)?.message).toMatch(/'round-robin' or 'shared'/);
  });
});
