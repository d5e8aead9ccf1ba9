import { beforeEach, describe, expect, it } from 'vitest';
import type { RedisNode } from '../../../src/redis/connection/redis-client.interface.js';
import { readMemoryFacts, ServerMemory } from '../../../src/redis/server-memory.js';

const info = (policy: string, limit: number, used: number, notCounted = 0): string =>
  `# Memory\r\nused_memory:${used}\r\nmaxmemory:${limit}\r\nmaxmemory_policy:${policy}\r\nmem_not_counted_for_evict:${notCounted}\r\n`;

let reply: unknown;
let asked: number;
let now: number;
let warnings: string[];
let memory: ServerMemory;

const client = {
  call: (): Promise<unknown> => {
    asked++;
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
  },
} as unknown as RedisNode;

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

beforeEach(() => {
  asked = 0;
  now = 1_000_000;
  warnings = [];
  memory = new ServerMemory(client, () => now);
  memory.onEviction(({ policy }) => void warnings.push(policy));
});

describe('the memory of a server', () => {
  it('that evicts is reported once to each listener, and told as long as it is so', async () => {
    reply = info('allkeys-lru', 100 * 2 ** 20, 99 * 2 ** 20);
    await memory.ask();
    await memory.ask();
    expect(warnings).toEqual(['allkeys-lru']);
    memory.onEviction(({ limit }) => void warnings.push(`late: ${limit}`));
    expect(warnings).toEqual(['allkeys-lru', `late: ${100 * 2 ** 20}`]);
    expect(memory.problems).toEqual([expect.stringContaining('allkeys-lru')]);
    // Somebody sets another policy.
    reply = info('noeviction', 100 * 2 ** 20, 99 * 2 ** 20);
    now += 10_001;
    expect(memory.problems).toHaveLength(1);
    await settled();
    expect(memory.problems).toEqual([]);
  });

  it('that has no bound, or evicts nothing, is no problem', async () => {
    for (reply of [info('allkeys-lru', 0, 5), info('noeviction', 10, 5)]) {
      await memory.ask();
      expect([memory.problems, warnings]).toEqual([[], []]);
    }
  });

  it('that is used up is told, and not what replicas and logs take of it', async () => {
    reply = info('noeviction', 10, 11);
    await memory.ask();
    expect(memory.problems).toEqual([expect.stringContaining('is full')]);
    reply = info('noeviction', 10, 11, 5);
    await memory.ask();
    expect(memory.problems).toEqual([]);
  });

  it('is full for a while after it has refused something', async () => {
    reply = info('noeviction', 10, 5);
    await memory.ask();
    memory.refused();
    expect(memory.problems).toEqual([expect.stringContaining('is full')]);
    now += 10_000;
    expect(memory.problems).toEqual([]);
  });

  it.each([
    [null],
    ['OK'],
    [1],
    [[]],
    [[[]]],
    [{}],
    [new Error('NOPERM')],
    [info('x\u001b[2J', 1, 2)],
  ])('is not known where the server says $0', async said => {
    reply = said;
    await memory.ask();
    expect([memory.problems, warnings]).toEqual([[], []]);
    expect(said instanceof Error ? undefined : readMemoryFacts(said)).toBeUndefined();
  });

  it('is asked for no more often than it is worth', async () => {
    reply = info('noeviction', 10, 5);
    await memory.ask();
    for (let times = 0; times < 10; times++) {
      expect(memory.problems).toEqual([]);
      await settled();
    }
    expect(asked).toBe(1);
  });
});
