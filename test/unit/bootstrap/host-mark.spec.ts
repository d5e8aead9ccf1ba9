import { describe, expect, it } from 'vitest';
import { parentHost, markHost } from '../../../src/bootstrap/host-mark.js';
import { HOST_VARIABLE } from '../../../src/model/internal-variables.js';

const always = () => true;

describe('parentHost()', () => {
  it('reads what a primary has marked its environment with', () => {
    const env: NodeJS.ProcessEnv = { CLUSTER_WORKERS: ' 4 ' };
    markHost(env);
    expect(parentHost(env, 1)).toMatchObject({ primary: { pid: process.pid }, workers: '4' });
  });

  it('is none for the primary itself', () => {
    const env: NodeJS.ProcessEnv = {};
    markHost(env);
    expect(parentHost(env)).toBeUndefined();
  });

  it('is none if the primary has ended, or its pid is another process now', () => {
    const env = { [HOST_VARIABLE]: '4711:99:' };
    expect(parentHost(env, 1, always)).toEqual({
      primary: { pid: 4711, startedAt: '99' },
      workers: '',
    });
    expect(parentHost(env, 1, () => false)).toBeUndefined();
  });

  it.each([undefined, '', 'x', '12', '-1:2:3', '1e3:2:', ':2:3'])('takes %j for no mark', text => {
    const env = text === undefined ? {} : { [HOST_VARIABLE]: text };
    expect(parentHost(env, 1, always)).toBeUndefined();
  });
});
