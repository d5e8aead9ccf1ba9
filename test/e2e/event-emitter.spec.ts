import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPLICATION_BACKENDS } from '../support/application-backends.js';
import { Application } from '../support/application.js';
import { ascending } from '../support/numbers.js';

interface Emitted {
  readonly slot: number;
  readonly hasListeners?: boolean;
  readonly results?: unknown[];
}

interface Heard {
  readonly slot: number;
  readonly event: string;
  readonly args: readonly unknown[];
}

describe.each(APPLICATION_BACKENDS)(
  'events of @nestjs/event-emitter in two workers, over %s',
  (_, env) => {
    let app: Application;
    let last = 0;

    beforeAll(async () => {
      app = await Application.ready('bus/emitter', { env: env() });
    });

    afterAll(async () => {
      app.signal('SIGTERM');
      const { code } = await app.exited;
      const unhandled = app.noted('unhandled');
      await Application.endAll();
      expect({ code, unhandled, output: app.stderr }).toEqual({
        code: 0,
        unhandled: [],
        output: '',
      });
    });

    async function emit(event: string, args: unknown[], async = false): Promise<Emitted> {
      const response = await fetch(app.url('/emit'), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ event, args, async }),
      });
      return (await response.json()) as Emitted;
    }

    const heard = (event: string): Heard[] =>
      app.noted('heard').filter(note => note['event'] === event) as unknown as Heard[];

    const heardWith = (event: string, first: unknown): Heard[] =>
      heard(event).filter(({ args }) => args[0] === first);

    /** Resolves when another event has reached both workers. All earlier events have arrived by then, too. */
    async function untilNothingComes(): Promise<void> {
      for (const event of ['order.created', 'user.created']) {
        const senders = new Set<number>();
        while (senders.size < 2) {
          const id = `last ${++last}`;
          senders.add((await emit(event, [id])).slot);
          await app.until(() => heardWith(event, id).length >= 2);
        }
      }
    }

    it('arrive at the handlers of both, once in each, with all their arguments', async () => {
      const args = ['one', { two: [2] }, null, 4];
      const senders = new Set<number>();
      let rounds = 0;
      while (senders.size < 2) {
        const { slot, hasListeners } = await emit('order.created', [`round ${++rounds}`, ...args]);
        expect(hasListeners).toBe(true);
        senders.add(slot);
      }
      await untilNothingComes();
      for (let round = 1; round <= rounds; round++) {
        const notes = heardWith('order.created', `round ${round}`);
        expect(slotsOf(notes)).toEqual([0, 1]);
        expect(notes.map(note => note.args)).toEqual([0, 1].map(() => [`round ${round}`, ...args]));
        const byPattern = app
          .noted('heard-by-pattern')
          .filter(
            note => (note['args'] as unknown[])[0] === `round ${round}`,
          ) as unknown as Heard[];
        expect(slotsOf(byPattern)).toEqual([0, 1]);
      }
    });

    it('arrive without arguments, too', async () => {
      await emit('user.created', []);
      await untilNothingComes();
      const notes = heard('user.created').filter(({ args }) => args.length === 0);
      expect(slotsOf(notes)).toEqual([0, 1]);
    });

    it('arrive from emitAsync(), which waits for the handlers of its own worker', async () => {
      const { slot, results } = await emit('order.created', ['async'], true);
      // One result for each handler. JSON turns `undefined` into `null`.
      expect(new Set(results)).toEqual(new Set([`heard in ${slot}`, null]));
      expect(results).toHaveLength(2);
      await untilNothingComes();
      const notes = heardWith('order.created', 'async');
      expect(slotsOf(notes)).toEqual([0, 1]);
    });

    it('do not multiply: events that their handlers emit stay in the worker', async () => {
      await emit('order.paid', ['one']);
      await app.until(() => heard('order.shipped').length >= 2);
      await untilNothingComes();
      expect(slotsOf(heard('order.paid'))).toEqual([0, 1]);
      const shipped = heard('order.shipped');
      expect(slotsOf(shipped)).toEqual([0, 1]);
      expect(shipped.map(({ args }) => (args[0] as { by: number }).by)).toEqual(
        shipped.map(({ slot }) => slot),
      );
    });

    it('stay in their worker unless they are listed', async () => {
      const { slot } = await emit('cache.cleared', ['here']);
      await untilNothingComes();
      expect(heard('cache.cleared')).toEqual([expect.objectContaining({ slot, args: ['here'] })]);
      expect((await emit('nobody.listens', [])).hasListeners).toBe(false);
    });
  },
);

function slotsOf(notes: readonly Heard[]): number[] {
  return ascending(notes.map(({ slot }) => slot));
}
