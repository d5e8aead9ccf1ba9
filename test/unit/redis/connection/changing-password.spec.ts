import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { ChangingPassword } from '../../../../src/redis/connection/changing-password.js';
import type { RedisNode } from '../../../../src/redis/connection/redis-client.interface.js';

it('a password function that fails at each reconnection is logged once a minute', async () => {
  let now = 0;
  let asked = 0;
  const warnings: string[] = [];
  const password = (): Promise<string> => {
    asked++;
    return Promise.reject(new Error('no vault'));
  };
  const client = Object.assign(new EventEmitter(), { options: {} });
  const secret = await ChangingPassword.of(
    password,
    warning => warnings.push(warning),
    () => now,
  );
  secret.follow(client as unknown as RedisNode);
  const lose = async (): Promise<void> => {
    client.emit('close');
    await new Promise(resolve => setImmediate(resolve));
  };
  await lose();
  await lose();
  expect([asked, warnings.length]).toEqual([3, 1]);
  now = 60_000;
  await lose();
  expect([asked, warnings.length]).toEqual([4, 2]);
});
