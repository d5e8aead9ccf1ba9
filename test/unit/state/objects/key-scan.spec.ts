import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { clearKeys, keysOf } from '../../../../src/state/objects/key-scan.js';
import type { StateExecutor } from '../../../../src/state/state-executor.interface.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { memoryExecutor } from '../../../support/memory-channel.js';

const TIMEOUT = 5_000;

let executor: StateExecutor;
let client: StateClient;

beforeEach(() => {
  executor = memoryExecutor();
  client = new StateClient(executor, TIMEOUT, 0);
});

afterEach(() => client.close());

async function list(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of keysOf(client, prefix)) {
    keys.push(key);
  }
  return keys;
}

const set = (key: string): Promise<unknown> =>
  client.run({ name: 'set', key, value: '1' }, result => result);

const refused = (why: string): object => ({
  code: 'CLUSTER_STATE_UNAVAILABLE',
  message: `"keys" of "a" was not applied: ${why}.`,
});

describe.each([
  ['keys()', list],
  ['clear()', (prefix: string) => clearKeys(client, prefix)],
])('%s', (_, call) => {
  it('fails at once if the backend has been away for as long as a call may take', async () => {
    vi.spyOn(executor, 'unavailableSince', 'get').mockReturnValue(monotonicNow() - TIMEOUT - 1);
    const scan = vi.spyOn(executor, 'scan');
    await expect(call('a')).rejects.toMatchObject(refused('the backend is unreachable'));
    expect(scan).not.toHaveBeenCalled();
  });

  it('fails at once if the application has closed', async () => {
    await client.close();
    await expect(call('a')).rejects.toMatchObject(refused('the application has closed'));
  });

  it('stops trying when the application closes', async () => {
    const scan = vi.spyOn(executor, 'scan').mockRejectedValue(new Error('no connection'));
    const called = expect(call('a')).rejects.toMatchObject(refused('the application has closed'));
    await vi.waitUntil(() => scan.mock.calls.length > 0);
    await client.close();
    await called;
  });

  it('tries again while the backend is away for a moment', async () => {
    const scan = vi.spyOn(executor, 'scan').mockRejectedValueOnce(new Error('no connection'));
    await set('apple');
    await call('a');
    expect(scan.mock.calls.length).toBeGreaterThan(1);
  });
});

const INTERNAL = ['~bus:topics', '$nestjs-cluster.once:forever::o'];

it('lists and deletes the keys of users only', async () => {
  const users = ['a~', 'a$nestjs-cluster', '$mine'];
  await Promise.all([...users, ...INTERNAL].map(set));
  expect((await list('')).toSorted()).toEqual(users.toSorted());
  expect(await list('~')).toEqual([]);
  expect(await Promise.all(['~', '$', 'a'].map(prefix => clearKeys(client, prefix)))).toEqual([
    0, 1, 2,
  ]);
  for (const key of INTERNAL) {
    expect(await client.run({ name: 'has', key }, result => result)).toBe(true);
  }
});
