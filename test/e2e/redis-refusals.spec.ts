import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AmbiguousResultError } from '../../src/model/errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../../src/model/errors/state-unavailable.error.js';
import { perform } from '../../src/state/objects/perform.js';
import type { Operation } from '../../src/state/operation.js';
import { eventually } from '../support/eventually.js';
import { RedisMember } from '../support/redis-member.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** A timeout in ms that no call reaches. */
const TIMEOUT = 20_000;

const USER = 'application';

const { MIN_SAFE_INTEGER: LOWEST, MAX_SAFE_INTEGER: HIGHEST } = Number;

const GET: Operation = { name: 'get', key: 'a' };

let server: RedisServer;
let member: RedisMember;

const permit = (...rules: readonly string[]): Promise<unknown> =>
  server.command('ACL', 'SETUSER', USER, ...rules);

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => RedisServer.stopAll());

beforeEach(async () => {
  await permit('reset', 'on', '>p', '~*', '&*', '+@all');
  const options = { host: '127.0.0.1', port: server.port, username: USER, password: 'p' };
  member = await RedisMember.of(options, { namespace: randomUUID(), timeout: TIMEOUT });
  expect(await member.available()).toBeUndefined();
});
afterEach(() => member.close());

const run = (operation: Operation): Promise<unknown> => perform(member.state, 'a value', operation);

describe('a server that runs a long script', () => {
  it('is unavailable, and works again over the same connection when the script has ended', async () => {
    await server.command('CONFIG', 'SET', 'lua-time-limit', 50);
    const other = new Redis(server.port);
    const script = other.eval('while true do end', 0).catch((reason: unknown) => reason);
    const answer = (): Promise<unknown> => server.command('PING').catch(String);
    await eventually(
      async () => String(await answer()).includes('BUSY'),
      TIMEOUT,
      () => 'The script is not running.',
    );
    const call = run(GET);
    await eventually(
      () => member.state.executor.unavailableSince !== undefined,
      TIMEOUT,
      () => 'Redis is not unavailable.',
    );
    await server.command('SCRIPT', 'KILL');
    expect(await call).toBeNull();
    expect(member.logged).toEqual([
      expect.stringContaining('Redis is unreachable (BUSY Redis is busy running a script'),
      'Redis is available again.',
    ]);
    expect(String(await script)).toContain('killed');
    await other.quit();
  });
});

describe('a user without a permission', () => {
  it('is told at once, with the reply in the log, and other commands still work', async () => {
    await permit('-evalsha', '-eval');
    const error = await run(GET).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StateUnavailableError);
    expect(String(error)).toContain('NOPERM');
    expect(member.logged).toEqual([expect.stringContaining('Redis refuses commands: the server')]);
    expect(member.link.availability.unavailableSince).toBeUndefined();
    await member.bus.publish('plain', '1', {});
    await permit('+evalsha', '+eval');
    expect(await run(GET)).toBeNull();
  });

  it.each([
    // Scripts write a value with INCRBY or HINCRBY, and then the record of their batch with SET.
    { name: 'increment', key: 'a', runs: [[1, 1]], min: LOWEST, max: HIGHEST },
    { name: 'mapIncrement', key: 'b', field: 'f', by: 1 },
  ] satisfies Operation[])('has no script applied in part again and again: %j', async change => {
    const read: Operation =
      change.name === 'increment'
        ? { name: 'get', key: 'a' }
        : { name: 'mapGet', key: 'b', field: 'f' };
    await run(change);
    await permit('-set');
    const error = await run(change).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AmbiguousResultError);
    expect(String(error)).toContain("The user executing the script can't run this command");
    const { operationId } = error as AmbiguousResultError;
    expect(await member.state.resolve(operationId)).toEqual({ status: 'forgotten' });
    expect(member.logged).toEqual([expect.stringContaining('Redis refuses commands: the server')]);
    expect(await run(read)).toBe('2');
  });

  it('is told that an operation may be applied in part', async () => {
    await permit('-set');
    const error = await run({ name: 'set', key: 'a', value: '1' }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AmbiguousResultError);
    const { operationId } = error as AmbiguousResultError;
    expect(await member.state.resolve(operationId)).toEqual({ status: 'forgotten' });
  });
});

it('a server without scripts is named at once, with the reply in the log', async () => {
  const { port } = await RedisServer.start({ args: ['--rename-command', 'EVALSHA', ''] });
  const target = { host: '127.0.0.1', port };
  const other = await RedisMember.of(target, { namespace: randomUUID(), timeout: TIMEOUT });
  expect(await other.available()).toBeUndefined();
  const operation: Operation = { name: 'set', key: 'a', value: '1' };
  const error = await perform(other.state, 'a value', operation).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StateUnavailableError);
  expect(String(error)).toContain('unknown command');
  expect(other.logged).toEqual([expect.stringContaining('Redis refuses commands: the server')]);
  await other.close();
});
