// @ts-check
import { provideChromium } from './chromium/provide-chromium.mjs';
import { bundlePackages } from './bundle-packages.mjs';
import { compileFixtures } from './compile-fixtures.mjs';
import { openRedis } from './redis/redis-for-tests.mjs';

export default async function globalSetup() {
  // First what may fail: nothing has to be stopped yet.
  await compileFixtures();
  await bundlePackages();
  // So that it is installed once, and not by each file of tests that wants it.
  provideChromium();
  await openRedis();
}
