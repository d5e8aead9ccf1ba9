import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPLICATION_BACKENDS } from '../support/application-backends.js';
import { Application } from '../support/application.js';
import { ascending } from '../support/numbers.js';

describe.each(APPLICATION_BACKENDS)('events of @nestjs/cqrs in two workers, over %s', (_, env) => {
  let app: Application;

  beforeAll(async () => {
    app = await Application.ready('cqrs/main', { env: env() });
  });

  afterAll(async () => {
    app.signal('SIGTERM');
    const { code } = await app.exited;
    const unhandled = app.noted('unhandled');
    await Application.endAll();
    expect({ code, unhandled, errors: app.stderr }).toEqual({ code: 0, unhandled: [], errors: '' });
  });

  const slotsOf = (what: string, id: string): number[] =>
    ascending(
      app
        .noted(what)
        .filter(note => note['id'] === id)
        .map(({ slot }) => slot as number),
    );

  /** Publishes events until both workers have published one. @returns their ids */
  async function publishInBoth(handlers: 'each' | 'once'): Promise<string[]> {
    const ids: string[] = [];
    const slots = new Set<number>();
    while (slots.size < 2) {
      const id = randomUUID();
      ids.push(id);
      const response = await fetch(app.url(`/${handlers}/${id}`), { method: 'POST' });
      slots.add(((await response.json()) as { slot: number }).slot);
    }
    return ids;
  }

  it('with "each" are handled once by every worker, whichever publishes them', async () => {
    const ids = await publishInBoth('each');
    await app.until(() => ids.every(id => slotsOf('handled', id).length >= 2));
    // Another event of each worker arrives after a second delivery would have.
    const later = await publishInBoth('each');
    await app.until(() => later.every(id => slotsOf('handled', id).length >= 2));
    expect(ids.map(id => slotsOf('handled', id))).toEqual(ids.map(() => [0, 1]));
  });

  it('with "once" are handled by one worker, with its sagas', async () => {
    const ids = await publishInBoth('once');
    await app.until(() => ids.every(id => slotsOf('shipped', id).length > 0));
    const later = await publishInBoth('once');
    await app.until(() => later.every(id => slotsOf('shipped', id).length > 0));
    expect(ids.map(id => slotsOf('handled', id).length)).toEqual(ids.map(() => 1));
    expect(ids.map(id => slotsOf('shipped', id))).toEqual(ids.map(id => slotsOf('handled', id)));
  });
});
