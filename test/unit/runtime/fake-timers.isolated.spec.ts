import { afterEach, expect, it, jest } from '@jest/globals';
import { ClusterModule, ClusterService, SharedState } from '../../../src/index.js';
import { compileModule } from '../../support/module-application.js';

afterEach(() => {
  jest.useRealTimers();
});

it('answers calls and closes an application in a test with fake timers', async () => {
  const app = await compileModule({ imports: [ClusterModule.forRoot()] });
  await app.init();
  jest.useFakeTimers();
  const counter = app.get(SharedState).counter('orders');
  const calls = Array.from({ length: 200 }, () => counter.increment());
  expect((await Promise.all(calls)).at(-1)).toBe(200);
  for (let call = 0; call < 50; call++) {
    await counter.increment();
  }
  app.get(ClusterService).waitUntil(counter.increment());
  await app.close();
});
