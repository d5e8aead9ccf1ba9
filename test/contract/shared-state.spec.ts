import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COUNTER_EXAMPLES } from '../fixtures/apps/state/counter.examples.js';
import { LOCK_EXAMPLES } from '../fixtures/apps/state/lock.examples.js';
import { OBJECT_EXAMPLES } from '../fixtures/apps/state/object.examples.js';
import { VALUE_EXAMPLES } from '../fixtures/apps/state/value.examples.js';
import { Application } from '../support/application.js';
import { type Backend, BACKENDS } from './backends.js';

const NAMES = [...COUNTER_EXAMPLES, ...VALUE_EXAMPLES, ...OBJECT_EXAMPLES, ...LOCK_EXAMPLES].map(
  ({ name }) => name,
);

describe.each(Object.keys(BACKENDS))('the shared state in %s', name => {
  let backend: Backend;
  let app: Application;

  beforeAll(async () => {
    backend = await BACKENDS[name]!();
    app = await Application.ready('state/conformance', { env: backend.env });
  });

  afterAll(async () => {
    app.signal('SIGTERM');
    const { code } = await app.exited;
    await Application.endAll();
    await backend.stop?.();
    expect({ code, output: app.stderr }).toEqual({ code: 0, output: '' });
  });

  it.each(NAMES)('%s', async example => {
    const response = await fetch(app.url(`/${encodeURIComponent(example)}`), { method: 'POST' });
    expect(await response.text()).toBe('passed');
  });

  it('has its counters injected', async () => {
    for (const value of ['1', '2']) {
      const response = await fetch(app.url('/injected'), { method: 'POST' });
      expect(await response.text()).toBe(value);
    }
  });
});
