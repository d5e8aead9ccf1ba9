// @ts-check
import { closeRedis } from './redis/redis-for-tests.mjs';

export default async function globalTeardown() {
  await closeRedis();
}
