import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';

const LUA = new URL('../../../src/state/backends/redis/lua/', import.meta.url);

/** Runs an operation of a script at a time that the test chooses. */
export type RunOperation = (
  name: string,
  keys: string | readonly string[],
  now: number,
  ...args: readonly (string | number)[]
) => Promise<unknown>;

/** Loads the operations of files of scripts. They run alone, without a batch and its record. */
export async function operationScript(
  redis: Redis,
  ...files: readonly string[]
): Promise<RunOperation> {
  const texts = ['replies.lua', ...files].map(each => readFile(new URL(each, LUA), 'utf8'));
  const script = [
    'local now = tonumber(ARGV[1])',
    'local now_microseconds = now * 1000',
    ...(await Promise.all(texts)),
    'return operations[ARGV[2]](1, 3)',
  ].join('\n');
  return (name, keys, now, ...args) => {
    const all = [keys].flat();
    return redis.eval(script, all.length, ...all, now, name, ...args);
  };
}
