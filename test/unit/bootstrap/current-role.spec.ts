import { afterEach, describe, expect, it } from 'vitest';
import {
  clusterRole,
  expectedRole,
  rememberWorkersOption,
} from '../../../src/bootstrap/current-role.js';

const { env } = process;

afterEach(() => {
  rememberWorkersOption(undefined);
  delete env['CLUSTER_WORKERS'];
});

describe('expectedRole()', () => {
  it('follows the variable CLUSTER_WORKERS', () => {
    expect(expectedRole()).toBe('single');
    env['CLUSTER_WORKERS'] = '2';
    expect([expectedRole(), clusterRole()]).toEqual(['primary', 'primary']);
    env['CLUSTER_WORKERS'] = '0';
    expect(expectedRole()).toBe('single');
  });

  it('follows the option `workers`, and is `primary` if that is invalid', () => {
    expect(expectedRole()).toBe('single');
    rememberWorkersOption(-1);
    expect(expectedRole()).toBe('primary');
    rememberWorkersOption(0);
    expect(expectedRole()).toBe('single');
  });
});
