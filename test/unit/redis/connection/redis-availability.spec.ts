import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RedisConnection } from '../../../../src/redis/connection/connect-redis.js';
import type { RedisNode } from '../../../../src/redis/connection/redis-client.interface.js';
import { hashSlot } from '../../../../src/redis/cluster/hash-slot.js';
import { RedisLink, RedisNotReadyError } from '../../../../src/redis/redis-link.js';

const WRONGPASS = 'WRONGPASS invalid username-password pair or user is disabled.';

/** An error with which a server answers. */
function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

function networkError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:6379`), { code });
}

/** A client whose connection a test loses and restores. */
class FakeClient extends EventEmitter {
  status = 'wait';
  options: Record<string, unknown> = {};
  /** The error with which the server answers each command. */
  refusal: Error | undefined;
  /** Whether the server does not answer at all. */
  isSilent = false;

  connect(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): void {
    this.lose();
  }

  call(command: string): Promise<unknown> {
    if (this.isSilent) {
      return new Promise(() => {});
    }
    if (this.refusal) {
      return Promise.reject(this.refusal);
    }
    const replies: Readonly<Record<string, unknown>> = { del: 0, TIME: ['1', '0'], get: '1' };
    return Promise.resolve(replies[command] ?? 'OK');
  }

  succeed(): void {
    this.status = 'ready';
    this.emit('ready');
  }

  lose(error?: Error): void {
    if (error) {
      this.emit('error', error);
    }
    this.status = 'reconnecting';
    this.emit('close');
  }
}

let client: FakeClient;
let link: RedisLink;
let lines: string[];

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);

const outage = (why: string): string =>
  `Redis is unreachable (${why}). The application keeps running; calls that need Redis fail until it is back.`;

const log = (line: string): unknown => lines.push(line);

function newLink(isOurs = true): RedisLink {
  const connection: RedisConnection = {
    client: client as unknown as RedisNode,
    isOurs,
    duplicate: node => node,
    close: () => Promise.resolve(),
  };
  return new RedisLink(connection, 'ns', { log, warn: log });
}

async function useClientOfApplication(status: string): Promise<void> {
  await link.close();
  client = new FakeClient();
  client.status = status;
  link = newLink(false);
  await vi.advanceTimersByTimeAsync(10);
}

beforeEach(async () => {
  vi.useFakeTimers();
  client = new FakeClient();
  lines = [];
  link = newLink();
  client.succeed();
  await turn();
});

afterEach(async () => {
  await link.close();
  vi.useRealTimers();
});

describe('a suspected connection', () => {
  it('stays if the server answers, whatever the answer is', async () => {
    link.suspect();
    await vi.advanceTimersByTimeAsync(5_000);
    client.refusal = reply('NOPERM');
    link.suspect();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([client.status, lines]).toEqual(['ready', []]);
  });

  it('is replaced if the server does not answer, once for all that suspect it', async () => {
    client.isSilent = true;
    link.suspect();
    link.suspect();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([client.status, lines]).toEqual([
      'reconnecting',
      [outage('the server did not answer in time')],
    ]);
  });
});

describe('a server that refuses commands', () => {
  const BUSY = 'BUSY Redis is busy running a script.';
  const NOPERM = "NOPERM User app has no permissions to run the 'evalsha' command";
  const line =
    'Redis refuses commands: the server replied NOPERM User app has no permissions to run the ' +
    "'evalsha' command. Calls that need them fail until this is fixed.";

  it.each(['BUSY Redis is busy running a script', 'LOADING Redis is loading the dataset'])(
    'is unavailable until it has finished, over the same connection: %s',
    async why => {
      client.refusal = reply(why);
      link.refused(why);
      link.refused(why);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(() => link.client).toThrow('the backend is unreachable');
      expect([client.status, lines]).toEqual(['ready', [outage(why)]]);
      client.refusal = undefined;
      await vi.advanceTimersByTimeAsync(300);
      expect(link.client).toBe(client);
      expect(lines.slice(1)).toEqual(['Redis is available again.']);
    },
  );

  it('is replaced if it no longer answers at all', async () => {
    client.refusal = reply(BUSY);
    link.refused(BUSY);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(client.status).toBe('ready');
    client.isSilent = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(client.status).toBe('reconnecting');
  });

  it('is replaced if a Sentinel may name another one', () => {
    client.options = { sentinels: [{ port: 26_379 }] };
    link.refused(BUSY);
    expect(client.status).toBe('reconnecting');
  });

  it.each(['READONLY You cannot write', 'MASTERDOWN Link with MASTER is down'])(
    'is replaced if it has become a replica: %s',
    why => {
      link.refused(why);
      expect([client.status, lines]).toEqual(['reconnecting', [outage(why)]]);
    },
  );

  it('stays available if it refuses only some commands, which is logged once a minute', async () => {
    for (let times = 0; times < 3; times++) {
      link.refused(NOPERM);
    }
    expect([link.client, lines]).toEqual([client, [line]]);
    await vi.advanceTimersByTimeAsync(60_000);
    link.refused(NOPERM);
    expect(lines).toEqual([line, line]);
  });

  it('is logged if it refuses a command of a script', () => {
    link.refused("ERR The user executing the script can't run this command or subcommand");
    expect(lines).toEqual([expect.stringContaining("The user executing the script can't run")]);
  });

  it('is found by a publication, too', async () => {
    client.refusal = reply(NOPERM);
    await expect(link.publish('channel', 'text')).rejects.toBe(client.refusal);
    expect(lines).toEqual([line]);
    client.refusal = reply(BUSY);
    await expect(link.publish('channel', 'text')).rejects.toBe(client.refusal);
    expect(lines.slice(1)).toEqual([outage(BUSY)]);
  });

  it('is not logged for what its callers handle', () => {
    link.refused("OOM command not allowed when used memory > 'maxmemory'.");
    link.refused('TRYAGAIN Multiple keys request during rehashing of slot');
    link.refused('ERR value is not an integer or out of range');
    expect([link.client, lines]).toEqual([client, []]);
  });

  it('is one node of a cluster, which alone is not an outage', async () => {
    await link.close();
    client = Object.assign(new FakeClient(), { nodes: () => [client] });
    client.status = 'ready';
    link = newLink();
    await turn();
    link.refused(BUSY);
    link.refused(BUSY);
    link.refused('READONLY You cannot write');
    expect(link.client).toBe(client);
    expect(lines).toEqual([
      expect.stringContaining('Redis refuses commands: the server replied BUSY'),
    ]);
  });
});

describe('a node of a cluster', () => {
  it('gets no commands while it is not connected, also for keys with a prefix', async () => {
    await link.close();
    const slots: string[][] = [];
    slots[hashSlot('{shop}')] = ['redis-1:6379'];
    client = Object.assign(new FakeClient(), {
      nodes: () => [client],
      refreshSlotsCache: () => {},
      slots,
    });
    client.options = { keyPrefix: '{shop}' };
    client.status = 'ready';
    link = newLink();
    await turn();
    expect(() => link.clientFor('ns:{7}:a')).toThrow(
      'node redis-1:6379 of the Redis Cluster is not connected',
    );
    await expect(link.publish('ns~{7}', 'text')).rejects.toBeInstanceOf(RedisNotReadyError);
    slots.length = 0;
    expect(link.clientFor('ns:{7}:a')).toBe(client);
  });
});

describe('a new connection', () => {
  it('sends no command before the server has answered the probe', async () => {
    expect(link.client).toBe(client);
    client.isSilent = true;
    client.lose();
    expect(() => link.client).toThrow('the backend is unreachable');
    client.succeed();
    await turn();
    expect(() => link.client).toThrow('the backend is unreachable');
    client.isSilent = false;
    client.lose();
    client.succeed();
    await turn();
    expect(link.client).toBe(client);
  });
});

describe('a first connection', () => {
  it('is reported when it does not become ready', async () => {
    await link.close();
    client = new FakeClient();
    client.status = 'connecting';
    link = newLink();
    await vi.advanceTimersByTimeAsync(4_900);
    expect(lines).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    client.succeed();
    await turn();
    expect(lines).toEqual([outage('the connection is not ready'), 'Redis is available again.']);
  });
});

describe('a client of the application', () => {
  it.each([
    ['end', 'the client of the application has ended, and does not reconnect'],
    ['monitoring', 'the client of the application is in monitor mode, and cannot send commands'],
  ])('that cannot be used is reported at once: %s', async (status, why) => {
    await useClientOfApplication(status);
    expect(lines).toEqual([outage(why)]);
  });

  it('is reported when it gives up after an outage', async () => {
    await useClientOfApplication('connecting');
    client.succeed();
    await turn();
    client.lose(networkError('ECONNREFUSED'));
    client.status = 'end';
    client.emit('end');
    client.emit('end');
    expect(lines).toEqual([
      outage('connect ECONNREFUSED 127.0.0.1:6379'),
      'Redis is still unreachable: the client of the application has ended, and does not reconnect.',
    ]);
  });

  it('is reported once if it is ready, and its server does not answer', async () => {
    await useClientOfApplication('connecting');
    client.isSilent = true;
    client.succeed();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toEqual([outage('it does not answer')]);
  });

  it('is reported when it ends later, and when the application connects it again', async () => {
    await useClientOfApplication('ready');
    client.status = 'end';
    client.emit('close');
    client.emit('end');
    client.succeed();
    await turn();
    expect(lines).toEqual([
      outage('the client of the application has ended, and does not reconnect'),
      'Redis is available again.',
    ]);
  });
});

describe('a lost connection', () => {
  it('is logged once, however often it cannot be made again', async () => {
    client.lose();
    client.lose(networkError('ECONNREFUSED'));
    client.lose(networkError('ETIMEDOUT'));
    client.succeed();
    await turn();
    expect(lines).toEqual([outage('it does not answer'), 'Redis is available again.']);
  });

  it('has its reason logged, once, when the server refuses to make it again', async () => {
    client.lose();
    client.lose(networkError('ECONNREFUSED'));
    client.lose(reply(WRONGPASS));
    client.lose(reply(WRONGPASS));
    expect(lines).toEqual([
      outage('it does not answer'),
      `Redis is still unreachable: the server replied ${WRONGPASS}`,
    ]);
  });

  it('has its reason logged again in the next outage', async () => {
    for (let times = 0; times < 2; times++) {
      client.lose();
      client.lose(reply(WRONGPASS));
      client.succeed();
      await turn();
    }
    expect(lines.slice(3)).toEqual(lines.slice(0, 3));
  });

  it('is not explained twice if the first line has the reason', () => {
    client.lose(reply(WRONGPASS));
    client.lose(reply(WRONGPASS));
    expect(lines).toEqual([outage(WRONGPASS)]);
  });

  it('has the reason of a Redis Cluster logged, which is that of its last node', () => {
    client.lose();
    const failure = new Error('Failed to refresh slots cache.');
    client.lose(Object.assign(failure, { lastNodeError: reply(WRONGPASS) }));
    expect(lines.at(-1)).toContain(WRONGPASS);
  });

  it('has what a connected server replies to commands logged', async () => {
    client.lose();
    client.refusal = reply("NOPERM User app has no permissions to run the 'get' command");
    client.succeed();
    await turn();
    client.lose();
    client.succeed();
    await turn();
    expect(lines.slice(1)).toEqual([
      `Redis is still unreachable: the server replied ${client.refusal.message}.`,
    ]);
  });

  it('is told apart from a server that must not be used', async () => {
    client.lose();
    const call = client.call.bind(client);
    client.call = command => (command === 'get' ? Promise.resolve('99') : call(command));
    client.succeed();
    await turn();
    expect(lines.slice(1)).toEqual([expect.stringContaining('Redis cannot be used: the keys of')]);
  });

  it('does not have a server fill the log, or write a password to it', () => {
    client.lose();
    for (let times = 0; times < 20; times++) {
      client.lose(
        reply(`ERR ${times} unknown command 'AUTH', with args beginning with: 'app' 'secret'`),
      );
    }
    expect(lines.length).toBeLessThan(6);
    expect(lines.join()).not.toContain('secret');
  });
});
