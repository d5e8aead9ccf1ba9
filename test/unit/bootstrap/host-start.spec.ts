import { describe, expect, it } from 'vitest';
import { hostStart } from '../../../src/bootstrap/host-start.js';

describe('the start of a host', () => {
  it('is the same for as long as the primary runs, also for a program that replaces its own', () => {
    const env: NodeJS.ProcessEnv = {};
    const start = hostStart(env);
    expect(start).toMatch(new RegExp(`^${process.pid}:.{36}$`));
    expect(hostStart(env)).toBe(start);
    expect(hostStart({ ...env })).toBe(start);
  });

  it('is not that of a host above', () => {
    const env = { CLUSTER_START: `${process.pid + 1}:of-a-host-above` };
    expect(hostStart(env)).toMatch(new RegExp(`^${process.pid}:`));
  });
});
