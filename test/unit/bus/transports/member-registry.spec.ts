import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemberRegistry } from '../../../../src/bus/transports/redis/member-registry.js';
import type { RedisLink } from '../../../../src/redis/redis-link.js';
import { RedisKeys } from '../../../../src/state/backends/redis/redis-keys.js';

const onStale = vi.fn();
const evalsha = vi.fn<(...args: unknown[]) => Promise<unknown>>();
const link = { client: { evalsha }, isCluster: false } as unknown as RedisLink;
const cluster = { client: { evalsha }, isCluster: true } as unknown as RedisLink;

let registry: MemberRegistry;

const info = { member: 'a', host: 'here:1', slot: 0, generation: 0, id: 1, pid: 2 };
const announced = { ...info, answers: [], groups: [], consumers: [], patterns: [] };

beforeEach(async () => {
  vi.useFakeTimers();
  onStale.mockClear();
  evalsha.mockReset();
  registry = new MemberRegistry(link, new RedisKeys('shop', false), () => {}, onStale);
  evalsha.mockResolvedValue('5');
  await registry.announce(announced);
});

afterEach(async () => {
  await registry.remove('a');
  vi.useRealTimers();
});

/** The version, the cursor, the time of creation, and when the list must be read again. */
const page = (created: string, wait: number): string[] => ['1', '0', created, String(wait)];

it('reads the list again when the members have restored it, once', async () => {
  evalsha.mockResolvedValue(page('5', 3_000));
  await Promise.all([registry.list(), registry.list()]);
  vi.advanceTimersByTime(2_999);
  expect(onStale).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(onStale).toHaveBeenCalledTimes(1);
});

it('reads the list again if the server has lost it and the connection has remained', async () => {
  evalsha.mockResolvedValue(page('5', 0));
  await registry.list();
  evalsha.mockResolvedValue('5');
  await registry.announce(announced);
  vi.advanceTimersByTime(60_000);
  expect(onStale).not.toHaveBeenCalled();
  evalsha.mockResolvedValue('77');
  await registry.announce(announced);
  vi.advanceTimersByTime(60_000);
  expect(onStale).toHaveBeenCalledTimes(1);
});

it('reads no list after it has left', async () => {
  evalsha.mockResolvedValue(page('5', 3_000));
  await registry.list();
  evalsha.mockResolvedValue(1);
  await registry.remove('a');
  evalsha.mockResolvedValue(page('5', 3_000));
  await registry.list();
  vi.advanceTimersByTime(60_000);
  expect(onStale).not.toHaveBeenCalled();
});

it('reads changes again if another list has come in the meantime', async () => {
  const known = JSON.stringify({ v: 1, ...announced });
  evalsha.mockResolvedValueOnce(['a', known, '9', '0', '5', '0']);
  await registry.list();
  let answer!: (reply: unknown) => void;
  evalsha.mockReturnValueOnce(new Promise(resolve => (answer = resolve)));
  const changes = registry.list();
  evalsha.mockResolvedValueOnce(['8', '0', '5', '0']);
  expect((await registry.list()).infos).toEqual([]);
  evalsha.mockResolvedValueOnce(['a', known, '10', '', '5', '0']);
  answer(['b', '', '10', '', '5', '0']);
  expect((await changes).infos).toMatchObject([announced]);
});

describe('changes of its own entry', () => {
  /** What the server has executed: it delays the first call, as a Redis Cluster that redirects it. */
  let executed: string[];
  let execute: () => void;

  beforeEach(() => {
    registry = new MemberRegistry(cluster, new RedisKeys('shop', false), () => {}, onStale);
    executed = [];
    const delayed = new Promise<void>(resolve => (execute = resolve));
    evalsha.mockImplementation(async (...args) => {
      const [action, data] = [args[12], args[16]] as [string, string];
      const isFirst = executed.length === 0;
      executed.push('');
      if (isFirst) {
        await delayed;
      }
      const { consumers = [] } = JSON.parse(data || '{}') as { consumers?: string[] };
      executed.push(`${action} ${consumers.join(' ')}`);
      return action === 'leave' ? 1 : '5';
    });
  });

  const inOrder = (): string[] => executed.filter(Boolean);

  it('are executed in their order: the latest one counts', async () => {
    const announcements = [[], ['a#1'], ['a#1', 'a#2']].map(consumers =>
      registry.announce({ ...announced, consumers }),
    );
    await vi.advanceTimersByTimeAsync(10);
    execute();
    await Promise.all(announcements);
    expect(inOrder()).toEqual(['announce a#1 a#2']);
    await registry.announce({ ...announced, consumers: ['a#3'] });
    expect(inOrder().at(-1)).toBe('announce a#3');
  });

  it('end when it leaves: at once, and again after one that is under way', async () => {
    const first = registry.announce(announced);
    await vi.advanceTimersByTimeAsync(10);
    const second = registry.announce({ ...announced, consumers: ['a#1'] });
    const left = registry.remove('a');
    await vi.advanceTimersByTimeAsync(10);
    expect(inOrder()).toEqual(['leave ']);
    execute();
    await Promise.all([first, second, left]);
    expect(inOrder()).toEqual(['leave ', 'announce ', 'leave ']);
    await registry.announce(announced);
    expect(inOrder()).toEqual(['leave ', 'announce ', 'leave ']);
  });

  it('end after one that is under way, also if the first attempt to leave fails', async () => {
    const first = registry.announce(announced);
    await vi.advanceTimersByTimeAsync(10);
    evalsha.mockRejectedValueOnce(new Error('READONLY'));
    let hasLeft = false;
    const left = registry.remove('a').then(() => (hasLeft = true));
    await vi.advanceTimersByTimeAsync(10);
    expect(hasLeft).toBe(false);
    execute();
    await Promise.all([first, left]);
    expect(inOrder()).toEqual(['announce ', 'leave ']);
  });

  it('do not wait for one that is never answered', async () => {
    const first = registry.announce(announced).catch(String);
    await vi.advanceTimersByTimeAsync(10);
    const second = registry.announce({ ...announced, consumers: ['a#1'] });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await first).toBe('Error: the backend is unreachable');
    await second;
    expect(inOrder().filter(call => call.startsWith('announce'))).toEqual(['announce a#1']);
  });
});
