import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { probe } from '../../../../src/redis/connection/probe.js';
import type { RedisNode } from '../../../../src/redis/connection/redis-client.interface.js';

const NEVER = new Promise<never>(() => {});

/** A master that answers with its time, in seconds. */
const node = (time: unknown): unknown => ({
  call: () => (time instanceof Promise ? time : Promise.resolve([String(time), '0'])),
});

const onLateRefusal = vi.fn<(error: Error) => void>();

/** Probes a cluster, with the answer of the node that has the key of the schema. */
function probeOf(nodes: readonly unknown[], schema: unknown): Promise<number | Error> {
  const cluster = { nodes: () => nodes, call: () => Promise.resolve(schema) };
  const terms = { namespace: 'ns', database: 0 };
  const probed = probe(cluster as unknown as RedisNode, terms, onLateRefusal);
  return probed.catch((error: unknown) => error as Error);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a probe of a cluster', () => {
  it('returns the earliest time of the masters', async () => {
    expect(await probeOf([node(20), node(10)], '1')).toBe(10_000);
  });

  it('succeeds when a master hangs, also the one with the key', async () => {
    for (const schema of ['1', NEVER]) {
      const probed = probeOf([node(NEVER), node(20)], schema);
      await vi.advanceTimersByTimeAsync(1_001);
      expect(await probed).toBe(20_000);
    }
  });

  it('fails when the schema has another version, also when a master hangs', async () => {
    const probed = probeOf([node(NEVER), node(20)], '99');
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await probed).toMatchObject({ message: expect.stringContaining('schema version 99') });
  });

  it('reports another version of the schema that it reads later', async () => {
    let answer!: (version: string) => void;
    const slow = new Promise<string>(resolve => (answer = resolve));
    const probed = probeOf([node(20)], slow);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await probed).toBe(20_000);
    expect(onLateRefusal).not.toHaveBeenCalled();
    answer('99');
    await vi.advanceTimersByTimeAsync(1);
    expect(onLateRefusal.mock.lastCall![0].message).toContain('schema version 99');
  });

  it('fails when no master works', async () => {
    const failed = Promise.reject(new Error('Connection is closed.'));
    expect(await probeOf([node(failed)], '1')).toMatchObject({ message: 'Connection is closed.' });
    expect(await probeOf([], '1')).toMatchObject({ message: 'no master is known' });
  });
});
