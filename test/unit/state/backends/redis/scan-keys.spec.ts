import { describe, expect, it } from 'vitest';
import type { RedisNode } from '../../../../../src/redis/connection/redis-client.interface.js';
import { RedisKeys } from '../../../../../src/state/backends/redis/redis-keys.js';
import { scanKeys } from '../../../../../src/state/backends/redis/scan-keys.js';

function scanned(failure: Error): Promise<unknown> {
  const client = {
    status: 'ready',
    options: { host: 'fake', port: 1 },
    call: () => Promise.reject(failure),
  } as unknown as RedisNode;
  return scanKeys(client, new RedisKeys('ns', false, 0), '', '');
}

/** An error with which a server answers. */
function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError', command: { args: ['secret'] } });
}

describe('the scan of the keys in Redis', () => {
  it.each([
    'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
    "Stream isn't writeable and enableOfflineQueue options is false",
    'Connection is closed.',
  ])('says that the backend is unreachable if ioredis says %s', async message => {
    const cause = new Error(message);
    await expect(scanned(cause)).rejects.toMatchObject({
      message: 'the backend is unreachable',
      cause,
    });
  });

  it('says what the server replied, with one full stop less and without arguments', async () => {
    const busy = 'BUSY Redis is busy running a script. You can only call SCRIPT KILL.';
    await expect(scanned(reply(busy))).rejects.toMatchObject({
      message: `Redis reported an error: ${busy.slice(0, -1)}`,
      cause: expect.not.objectContaining({ command: expect.anything() }),
    });
    await expect(
      scanned(reply("ERR unknown command 'SCAN', with args beginning with: 'secret'")),
    ).rejects.toThrow(/^Redis reported an error: ERR unknown command 'SCAN'$/);
  });
});
