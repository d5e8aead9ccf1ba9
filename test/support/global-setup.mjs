// @ts-check
import { provideChromium } from './chromium/provide-chromium.mjs';
import { providePackages } from './bundle-packages.mjs';
import { compileFixtures } from './compile-fixtures.mjs';
import { provideIoRedis } from './ioredis/provide-ioredis.mjs';
import { appsDirectory, installedNests } from './nest/nest-versions.mjs';
import { provideSampleApp } from './provide-sample-app.mjs';
import { closeRedis, openRedis } from './redis/redis-for-tests.mjs';

/** Builds and starts what the tests of applications share. Returns a function that ends it. */
export default async function globalSetup() {
  // First the steps that may fail: nothing must be stopped yet.
  for (const nest of installedNests()) {
    await compileFixtures(undefined, appsDirectory(nest));
    await providePackages(nest);
  }
  await provideSampleApp();
  await provideIoRedis(process.env['TEST_IOREDIS'] ?? 'ioredis-5');
  // Installed once here, and not by each spec that needs it.
  provideChromium();
  await openRedis();
  return closeRedis;
}
