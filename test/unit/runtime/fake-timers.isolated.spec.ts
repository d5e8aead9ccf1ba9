import { afterEach, expect, it, vi } from 'vitest';
import { ClusterModule, ClusterService, SharedState } from '../../../src/index.js';
import { compileModule } from '../../support/module-application.js';

afterEach(() => {
  vi.useRealTimers();
});

it('answers calls and closes an application in a test with fake timers', async () => {
  const app = await compileModule({ imports: [ClusterModule.forRoot()] });
  await app.init();
  vi.useFakeTimers();
  const counter = app.get(SharedState).counter('orders');
  const calls = Array.from({ length: 200 }, () => counter.increment());
  expect((await Promise.all(calls)).at(-1)).toBe(200);
  for (let call = 0; call < 50; call++) {
    await counter.increment();
  }
  app.get(ClusterService).waitUntil(counter.increment());
  await app.close();
});
