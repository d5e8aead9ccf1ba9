import { describe, expect, it } from 'vitest';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import {
  type ClusterBus,
  defineTopic,
  type EventContext,
  OnClusterEvent,
  OnClusterRequest,
} from '../../../../src/index.js';

const PAID = defineTopic<{ cents: number }>('order.paid');
const SIZE = defineTopic<{ of: string }, number>('cache.size');
const PARSED = defineTopic(
  'parsed',
  z.object({ at: z.string().transform(text => new Date(text)) }),
);
const VALI = defineTopic('vali', v.object({ id: v.string() }));
const ARK = defineTopic('ark', type({ id: 'string' }));

/** What compiles, and what does not; never run. */
export async function typesOf(bus: ClusterBus): Promise<void> {
  await bus.publish(PAID, { cents: 1 });
  // @ts-expect-error another shape
  await bus.publish(PAID, { euros: 1 });
  await bus.publish('any', { what: 'ever' });
  await bus.publish(PARSED, { at: '2026-01-01' });
  await bus.subscribe(PARSED, ({ at }) => at.getTime());
  await bus.subscribe(VALI, ({ id }) => id.length);
  await bus.subscribe(ARK, ({ id }) => id.length);
  // @ts-expect-error it has no such property
  await bus.subscribe(PAID, ({ euros }) => euros);
  const { replies } = await bus.ask(SIZE, { of: 'prices' });
  replies[0]?.value.toFixed();
  // @ts-expect-error another shape
  await bus.ask(SIZE, { on: 'prices' });
  // @ts-expect-error the question needs its payload
  await bus.ask(SIZE);
  await bus.ask<number>('any');
  await bus.answer(SIZE, ({ of }) => of.length);
  // @ts-expect-error another answer
  await bus.answer(SIZE, ({ of }) => of);
}

/** Likewise. */
export class Decorated {
  @OnClusterEvent(PAID)
  paid({ cents }: { cents: number }, event: EventContext): void {
    void [cents, event];
  }

  // @ts-expect-error another shape
  @OnClusterEvent(PAID)
  paidOtherwise({ euros }: { euros: string }): void {
    void euros;
  }

  @OnClusterEvent('any.*')
  any(payload: { some: 'shape' }): void {
    void payload;
  }

  @OnClusterRequest(SIZE)
  async size({ of }: { of: string }): Promise<number> {
    return of.length;
  }

  // @ts-expect-error another answer
  @OnClusterRequest(defineTopic<{ of: string }, number>('cache.name'))
  name({ of }: { of: string }): string {
    return of;
  }
}

describe('a topic', () => {
  it('has a name, and perhaps a schema and options, in either order of wishes', () => {
    expect(defineTopic('a')).toEqual({ name: 'a', options: {} });
    expect(defineTopic('a', { retain: true })).toEqual({ name: 'a', options: { retain: true } });
    const schema = z.string();
    expect(defineTopic('a', schema, { durable: { maxLength: 5 } })).toEqual({
      name: 'a',
      schema,
      options: { durable: { maxLength: 5 } },
    });
  });

  it.each([
    ['', {}, /at least one character/],
    ['a.*', {}, /is a pattern/],
    ['a', { keep: true }, /Unknown option `keep` of "a"/],
    ['a', { retain: 1 }, /retain of "a" must be true or false/],
    ['a', { durable: { maxLength: 0 } }, /from 1 to/],
    ['a', { durable: { maxAge: '1 h' } }, /milliseconds/],
    ['x'.repeat(600), {}, /at most 512 bytes/],
    ['a\u0000', {}, /without control characters/],
  ])('cannot be %j with %j', (name, options, message) => {
    expect(() => defineTopic(name, options as never)).toThrow(message);
  });
});
