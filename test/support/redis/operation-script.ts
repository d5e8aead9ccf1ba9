import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';

const LUA = new URL('../../../src/state/backends/redis/lua/', import.meta.url);

/** Runs an operation of a script at a time that the test chooses. */
export type RunOperation = (
  name: string,
  key: string,
  now: number,
  ...args: readonly (string | number)[]
) => Promise<unknown>;

/** Loads the operations of a file of scripts. They run alone, without a batch and its record. */
export async function operationScript(redis: Redis, file: string): Promise<RunOperation> {
  const files = ['replies.lua', file].map(each => readFile(new URL(each, LUA), 'utf8'));
  const script = [
    'local now = tonumber(ARGV[1])',
    ...(await Promise.all(files)),
    'return operations[ARGV[2]](1, 3)',
  ].join('\n');
  return (name, key, now, ...args) => redis.eval(script, 1, key, now, name, ...args);
}
