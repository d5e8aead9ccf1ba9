// @ts-check
import { compileFixtures } from './compile-fixtures.mjs';
import { openRedis } from './redis/redis-for-tests.mjs';

export default async function globalSetup() {
  // First what may fail: nothing has to be stopped yet.
  await compileFixtures();
  await openRedis();
}
