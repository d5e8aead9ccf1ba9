import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { chooseInstaller, type InstallerFacts } from '../support/packages/installer.mjs';
import { pingRedis } from '../support/redis/ping-redis.mjs';
import { type Machine, provideRedis } from '../support/redis/provide-redis.mjs';
import { REDIS_SERVER } from '../support/redis/redis-server-program.mjs';

describe('the Redis of the tests', () => {
  let redis: Redis;

  beforeEach(() => {
    redis = new Redis(process.env['TEST_REDIS_URL'] ?? 'redis://TEST_REDIS_URL.is.not.set');
  });

  afterEach(() => redis.quit());

  it('answers', async () => {
    expect(await redis.ping()).toBe('PONG');
  });

  it('stores values, and is a real server', async () => {
    const key = `nestjs-cluster:test:${process.pid}:${Date.now()}`;
    await redis.set(key, 'kept', 'EX', 60);
    expect(await redis.get(key)).toBe('kept');
    expect(await redis.eval("return redis.call('TTL', KEYS[1]) > 0", 1, key)).toBe(1);
    expect(await redis.del(key)).toBe(1);
    expect(await redis.info('server')).toMatch(/^(redis|valkey)_version:\d/m);
  });
});

describe('where the tests get their Redis from', () => {
  const STARTED = { url: 'redis://started', stop: () => Promise.resolve() };

  /** A fake machine with nothing installed, and the calls that it received. */
  function fakeMachine(traits: Partial<Machine> = {}) {
    const done: string[] = [];
    const machine: Machine = {
      redisUrl: undefined,
      redisServer: undefined,
      ping: url => {
        done.push(`ping ${url}`);
        return Promise.resolve();
      },
      find: () => undefined,
      start: server => {
        done.push(`start ${server}`);
        return Promise.resolve(STARTED);
      },
      installer: () => undefined,
      say: text => done.push(`say ${text}`),
      ...traits,
    };
    return { machine, done };
  }

  it('the environment comes first, and is not stopped afterwards', async () => {
    const { machine, done } = fakeMachine({
      redisUrl: 'redis://given',
      find: name => `/usr/bin/${name}`,
    });
    const redis = await provideRedis(machine);
    await redis.stop();
    expect(redis.url).toBe('redis://given');
    expect(done).toEqual(['ping redis://given']);
  });

  it('an address where nothing answers is an error, not a reason to look elsewhere', async () => {
    const { machine, done } = fakeMachine({
      redisUrl: 'redis://user:secret@given:6379',
      ping: () => Promise.reject(new Error('connect ECONNREFUSED')),
      find: name => `/usr/bin/${name}`,
    });
    const message = await failure(provideRedis(machine));
    expect(message).toContain('TEST_REDIS_URL names redis://user:***@given:6379');
    expect(message).toContain('connect ECONNREFUSED');
    expect(message).not.toContain('secret');
    expect(done).toEqual([]);
  });

  it('then the program that the environment names', async () => {
    const { machine, done } = fakeMachine({
      redisServer: '/opt/valkey/valkey-server',
      find: name => (name.startsWith('/') ? name : `/usr/bin/${name}`),
    });
    expect(await provideRedis(machine)).toBe(STARTED);
    expect(done).toEqual(['start /opt/valkey/valkey-server']);
  });

  it('a named program that is missing is an error, not a reason to look elsewhere', async () => {
    const { machine, done } = fakeMachine({
      redisServer: '/opt/missing',
      find: name => (name.startsWith('/') ? undefined : `/usr/bin/${name}`),
    });
    expect(await failure(provideRedis(machine))).toContain('TEST_REDIS_SERVER names /opt/missing');
    expect(done).toEqual([]);
  });

  it.each([
    { installed: ['redis-server', 'valkey-server'], started: '/usr/bin/redis-server' },
    { installed: ['valkey-server'], started: '/usr/bin/valkey-server' },
  ])('then the PATH: of $installed it is $started', async ({ installed, started }) => {
    const { machine, done } = fakeMachine({
      find: name => (installed.includes(name) ? `/usr/bin/${name}` : undefined),
    });
    expect(await provideRedis(machine)).toBe(STARTED);
    expect(done).toEqual([`start ${started}`]);
  });

  it('then an installation, announced before it begins', async () => {
    let path: string | undefined;
    const { machine, done } = fakeMachine({
      find: name => (name === 'redis-server' ? path : undefined),
      installer: () => ({
        command: 'get redis',
        install: () => {
          done.push('install');
          path = '/usr/bin/redis-server';
        },
      }),
    });
    expect(await provideRedis(machine)).toBe(STARTED);
    expect(done).toEqual([
      expect.stringMatching(/^say .*Redis.*get redis/),
      'install',
      'start /usr/bin/redis-server',
    ]);
  });

  it('an installation that fails says why, and what to do', async () => {
    const { machine } = fakeMachine({
      installer: () => ({
        command: 'get redis',
        install: () => {
          throw new Error('no network');
        },
      }),
    });
    const message = await failure(provideRedis(machine));
    expect(message).toMatch(/get redis\nno network/);
    expect(message).toContain('TEST_REDIS_URL=redis://');
  });

  it('an installation that brings no server says so', async () => {
    const { machine, done } = fakeMachine({
      installer: () => ({ command: 'get redis', install: () => {} }),
    });
    expect(await failure(provideRedis(machine))).toContain(
      '"get redis" succeeded, but there is still',
    );
    expect(done).toHaveLength(1);
  });

  it('where nothing helps, the error says what to do', async () => {
    const message = await failure(provideRedis(fakeMachine().machine));
    expect(message).toContain('found none');
    expect(message).toContain('TEST_REDIS_URL=redis://127.0.0.1:6379 npm test');
    expect(message).toContain('sudo apt-get install redis-server');
    expect(message).toContain('brew install redis');
  });
});

describe('how a Redis is installed', () => {
  it('as root on Debian: with apt-get, its service not started', () => {
    const ran = commands({ isRoot: true, has: program => program === 'apt-get' });
    expect(ran).toEqual([
      expect.stringMatching(/^env RUNLEVEL=1 .*apt-get .* update$/),
      expect.stringMatching(
        /^env RUNLEVEL=1 .*apt-get .* install -y --no-install-recommends redis-server$/,
      ),
    ]);
  });

  it('as another user: with sudo, if it asks no password', () => {
    const ran = commands({ has: program => program === 'apt-get' });
    expect(ran).toEqual([
      'sudo -n true',
      expect.stringMatching(/^sudo -n env .* update$/),
      expect.stringMatching(/^sudo -n env .* redis-server$/),
    ]);
  });

  it('not at all, if sudo asks for a password or is missing', () => {
    const facts: InstallerFacts = {
      platform: 'linux',
      isRoot: false,
      has: () => true,
      run: () => {
        throw new Error('sudo: a password is required');
      },
    };
    expect(chooseInstaller(REDIS_SERVER, facts)).toBeUndefined();
  });

  it('on macOS with Homebrew, and not at all without', () => {
    expect(commands({ platform: 'darwin', has: () => true })).toEqual(['brew install redis']);
    expect(commands({ platform: 'darwin', isRoot: true })).toEqual([]);
  });

  it('not at all on a Linux without apt-get', () => {
    expect(commands({ isRoot: true })).toEqual([]);
  });
});

describe('asking an address for a Redis', () => {
  it('succeeds for the server of these tests', async () => {
    await expect(pingRedis(process.env['TEST_REDIS_URL'] ?? '')).resolves.toBeUndefined();
  });

  it('rejects with the reason if no server listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = urlOf(server.address());
    server.close();
    await once(server, 'close');
    expect(await failure(pingRedis(url))).toContain('ECONNREFUSED');
  });

  it.each([
    // ioredis 6 and ioredis 5 have different messages.
    {
      server: 'speaks something else',
      answer: 'HTTP/1.1 400 Bad Request\r\n\r\n',
      why: /RESP|Protocol error/,
    },
    { server: 'says nothing', answer: '', why: /no answer within 100 ms/ },
  ])('is not content with a server that $server', async ({ answer, why }) => {
    const sockets: Socket[] = [];
    const server = createServer(socket => {
      sockets.push(socket);
      socket.once('data', () => socket.write(answer));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      expect(await failure(pingRedis(urlOf(server.address()), 100))).toMatch(why);
    } finally {
      sockets.forEach(socket => socket.destroy());
      server.close();
    }
  });
});

/** The commands that would be run on a machine with these facts. */
function commands(facts: Partial<InstallerFacts>): string[] {
  const ran: string[] = [];
  chooseInstaller(REDIS_SERVER, {
    platform: 'linux',
    isRoot: false,
    has: () => false,
    run: command => ran.push(command.join(' ')),
    ...facts,
  })?.install();
  return ran;
}

function urlOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
}

/** Returns the text of the error. */
async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'It did not fail.',
    (reason: unknown) => String(reason),
  );
}
