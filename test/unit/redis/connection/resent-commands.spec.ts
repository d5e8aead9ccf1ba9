import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Client {
  disconnect(): void;
  on(event: 'error', listener: () => void): unknown;
  incr(key: string): Promise<number>;
  ping(): Promise<string>;
}

const VERSIONS: Readonly<Record<string, new (options: object) => Client>> = {
  '5.3': Redis5,
  '6': Redis,
};

/** What `docs/state.md` says about clients of the application. */
describe.each(Object.keys(VERSIONS))('after a lost connection, ioredis %s', version => {
  let server: Server;
  let client: Client;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    client.disconnect();
    server.close();
  });

  it.each([
    { options: {}, isResent: true },
    { options: { maxRetriesPerRequest: 0 }, isResent: false },
  ])('with $options, sends commands again: $isResent', async ({ options, isResent }) => {
    client = new VERSIONS[version]!({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
      retryStrategy: () => 1,
      ...options,
    });
    client.on('error', () => {});
    const sent = client.incr('k');
    const rejected = sent.catch(() => 'rejected');
    const first = await connected();
    await received(first, 'incr');
    first.destroy();
    const second = await connected();
    if (!isResent) {
      expect(await rejected).toBe('rejected');
    }
    client.ping().catch(() => {});
    expect((await received(second, 'ping')).includes('incr')).toBe(isResent);
  });

  async function connected(): Promise<Socket> {
    const [socket] = (await once(server, 'connection')) as [Socket];
    return socket;
  }
});

/** Resolves with everything that has arrived, up to a command. */
async function received(socket: Socket, command: string): Promise<string> {
  let text = '';
  while (!text.includes(command)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    text += bytes.toString();
  }
  return text;
}
