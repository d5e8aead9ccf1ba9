import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import * as ioredis6 from 'ioredis';
import * as ioredis5 from 'ioredis-5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisFaults } from '../../../../src/redis/options/redis-faults.js';
import { GarbageServer } from '../../../support/redis/garbage-server.js';

const LISTED = { host: 'a', port: 1 };
const SECURE = { ...LISTED, tls: {} };

/** Options with a `tls` that has no effect, and the option that is missing. */
const IGNORED: readonly [options: object, place: string, remedy: string][] = [
  [{ sentinels: [LISTED], name: 'm', tls: {} }, 'tls', 'enableTLSForSentinelMode: true'],
  [
    { sentinels: [LISTED], name: 'm', tls: 'RedisCloudFixed', enableTLSForSentinelMode: false },
    'tls',
    'enableTLSForSentinelMode: true',
  ],
  [
    { sentinels: [LISTED], name: 'm', enableTLSForSentinelMode: true },
    'enableTLSForSentinelMode',
    'tls',
  ],
  [{ sentinels: [LISTED, SECURE], name: 'm' }, 'sentinels[1].tls', 'sentinelTLS'],
  [{ cluster: [LISTED], tls: {} }, 'tls', 'redisOptions.tls'],
  [{ cluster: [LISTED, SECURE] }, 'cluster[1].tls', 'redisOptions.tls'],
  [{ cluster: ['rediss://a:1'] }, 'cluster[0]', 'redisOptions.tls'],
  [{ host: 'a', redisOptions: { tls: {} } }, 'redisOptions.tls', 'tls'],
];

const USED: readonly object[] = [
  { host: 'a', tls: {} },
  { host: 'a', tls: null, enableTLSForSentinelMode: true },
  { sentinels: [LISTED], name: 'm', tls: false, enableTLSForSentinelMode: false },
  { sentinels: [LISTED], name: 'm', tls: {}, enableTLSForSentinelMode: true },
  { sentinels: [SECURE], name: 'm', sentinelTLS: {} },
  { cluster: [LISTED], redisOptions: { tls: {} } },
  { cluster: [SECURE, 'rediss://b:1'], redisOptions: { tls: {} } },
  { cluster: [LISTED, 'redis://b:1', 'c:1'], tls: undefined },
];

describe('a tls option', () => {
  it.each(IGNORED)('is a fault where ioredis ignores it: %j', (options, place, remedy) => {
    expect(redisFaults(options).map(({ message }) => message)).toEqual([
      expect.stringContaining(`in spite of \`redis.${place}\`. Set \`redis.${remedy}\``),
    ]);
  });

  it.each(USED)('is no fault where ioredis uses it: %j', options => {
    expect(redisFaults(options)).toEqual([]);
  });
});

interface Client {
  disconnect(): void;
  on(event: 'error', listener: () => void): unknown;
}

interface IoRedis {
  readonly Redis: new (options: object) => Client;
  readonly Cluster: new (nodes: object[], options: object) => Client;
}

const VERSIONS: Readonly<Record<string, IoRedis>> = { '5.3': ioredis5, '6': ioredis6 };

/** The reason for these faults. If a version of ioredis uses such a `tls`, its fault can be removed. */
describe.each(Object.keys(VERSIONS))('ioredis %s', version => {
  const ioredis = VERSIONS[version]!;
  let master: Server;
  let address: { host: string; port: number };
  let sentinel: GarbageServer;
  let client: Client | undefined;

  beforeEach(async () => {
    master = createServer().listen(0, '127.0.0.1');
    await once(master, 'listening');
    address = { host: '127.0.0.1', port: (master.address() as AddressInfo).port };
    const port = String(address.port);
    const reply = `*2\r\n$9\r\n127.0.0.1\r\n$${port.length}\r\n${port}\r\n`;
    sentinel = await GarbageServer.start(command =>
      command === 'SENTINEL' ? reply : command === 'HELLO' ? '*0\r\n' : '+OK\r\n',
    );
  });

  afterEach(async () => {
    client?.disconnect();
    master.close();
    await sentinel.stop();
  });

  /** Resolves with whether the first connection to the master begins with a TLS handshake. */
  async function usesTls(): Promise<boolean> {
    const [socket] = (await once(master, 'connection')) as [Socket];
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return bytes[0] === 0x16;
  }

  it.each([undefined, true])('behind Sentinels, with enableTLSForSentinelMode: %s', async mode => {
    client = new ioredis.Redis({
      sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
      name: 'm',
      updateSentinels: false,
      tls: {},
      enableTLSForSentinelMode: mode,
      retryStrategy: null,
    });
    client.on('error', () => {});
    expect(await usesTls()).toBe(mode === true);
  });

  it.each([{ tls: {} }, { redisOptions: { tls: {} } }])('in a Cluster, with %j', async options => {
    client = new ioredis.Cluster([address], {
      ...options,
      clusterRetryStrategy: () => null,
    });
    client.on('error', () => {});
    expect(await usesTls()).toBe('redisOptions' in options);
  });
});
