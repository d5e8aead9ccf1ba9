import { describe, expect, it } from 'vitest';
import { PublicationRefusedError } from '../../../../src/bus/bus-transport.interface.js';
import { openTransport } from '../../../../src/bus/transports/redis/redis-transport.js';
import type { RedisLink } from '../../../../src/redis/redis-link.js';

/** A transport whose commands fail. */
function failing(reason: Error) {
  const fail = (): Promise<never> => Promise.reject(reason);
  const link = {
    isCluster: false,
    database: 0,
    settledClient: () => Promise.resolve(),
    client: { evalsha: fail },
    publish: fail,
  };
  return openTransport(link as unknown as RedisLink, 'shop');
}

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });

describe('the bus in Redis', () => {
  it.each([
    "Stream isn't writeable and enableOfflineQueue options is false",
    'Connection is closed.',
  ])('says that the backend is unreachable if ioredis says %s', async message => {
    const cause = new Error(message);
    const expected = { message: 'the backend is unreachable', cause };
    await expect(failing(cause).members()).rejects.toMatchObject(expected);
    await expect(failing(cause).publish('topic:t', '{}')).rejects.toMatchObject(expected);
  });

  it('says what the server replied', async () => {
    const error = reply("ERR unknown command 'EVALSHA', with args beginning with: 'secret'");
    const message = "Redis reported an error: ERR unknown command 'EVALSHA'";
    await expect(failing(error).members()).rejects.toThrow(new Error(message));
    await expect(failing(reply('OOM')).publish('topic:t', '{}')).rejects.toBeInstanceOf(
      PublicationRefusedError,
    );
  });
});
