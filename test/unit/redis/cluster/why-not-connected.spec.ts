import { beforeEach, describe, expect, it, vi } from 'vitest';
import { whyNotConnected } from '../../../../src/redis/cluster/why-not-connected.js';
import type { RedisCluster } from '../../../../src/redis/connection/redis-client.interface.js';

const connect = vi.fn(() => Promise.reject(new Error('connect ECONNREFUSED')));
const refresh = vi.fn();

/** Asks for a key whose slot is that of `address`, in a cluster with one node. */
function why(status: string, address = 'fake:1'): string | undefined {
  const cluster = {
    slots: Array.from({ length: 16_384 }, () => [address]),
    nodes: () => [{ status, options: { host: 'fake', port: 1 }, connect }],
  };
  return whyNotConnected(cluster as unknown as RedisCluster, 'ns:{7}:a', refresh);
}

beforeEach(() => void vi.clearAllMocks());

describe('a node of a cluster', () => {
  it('that is connected takes commands', () => {
    expect(why('ready')).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('that is not connected takes none, and is connected, unless another one has its slot', () => {
    const notConnected = 'node fake:1 of the Redis Cluster is not connected';
    expect([why('connecting'), why('connect')]).toEqual([notConnected, notConnected]);
    expect(connect).not.toHaveBeenCalled();
    expect(why('wait')).toBe(notConnected);
    expect(connect).toHaveBeenCalledOnce();
    expect(refresh).toHaveBeenCalledTimes(3);
  });

  it('that was removed is looked for', () => {
    expect(why('ready', 'fake:2')).toBe('node fake:2 of the Redis Cluster is not connected');
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('that is not known is not looked for', () => {
    const cluster = { slots: [], nodes: () => [] } as unknown as RedisCluster;
    expect(whyNotConnected(cluster, 'ns:{7}:a', refresh)).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
  });
});
