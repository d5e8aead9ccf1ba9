/**
 * The tests of the engine and of its iterators are adapted from graphql-subscriptions 3.0.0
 * (https://github.com/apollographql/graphql-subscriptions, src/test), which has this license:
 *
 * The MIT License (MIT)
 *
 * Copyright (c) 2015 - 2016 Meteor Development Group, Inc.
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
 * documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
 * rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
 * permit persons to whom the Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of
 * the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
 * THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT,
 * TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { GraphQLObjectType, GraphQLSchema, GraphQLString, parse, subscribe } from 'graphql';
import { PubSubEngine, withFilter } from 'graphql-subscriptions';
import { ClusterBus } from '../../../src/bus/cluster-bus.js';
import type { Subscription } from '../../../src/bus/subscribe/event-context.interface.js';
import { ClusterModule } from '../../../src/cluster.module.js';
import { ClusterPubSub } from '../../../src/graphql/cluster-pub-sub.js';
import { eventually } from '../../support/eventually.js';

const DONE = { value: undefined, done: true };

let app: TestingModule;
let bus: ClusterBus;
let pubSub: ClusterPubSub;
let trigger: string;

beforeAll(async () => {
  app = await Test.createTestingModule({ imports: [ClusterModule.forRoot()] }).compile();
  await app.init();
  bus = app.get(ClusterBus);
});

afterAll(() => app.close());

beforeEach(() => {
  pubSub = new ClusterPubSub(bus);
  trigger = randomUUID();
});

const until = (condition: () => boolean): Promise<void> =>
  eventually(condition, 5_000, () => 'Nothing arrived');

const later = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** Resolves when a trigger has a subscription to the bus. */
async function untilLive(engine = pubSub, name = trigger): Promise<void> {
  // Subscriptions of one process begin in their order.
  const id = await engine.subscribe(name, () => {});
  engine.unsubscribe(id);
}

describe('the engine', () => {
  it('is a PubSubEngine', () => {
    expect(pubSub).toBeInstanceOf(PubSubEngine);
  });

  it('can subscribe and is called when events happen', async () => {
    const received: unknown[] = [];
    await pubSub.subscribe(trigger, (payload: unknown) => received.push(payload));
    await pubSub.publish(trigger, 'test');
    await until(() => received.length === 1);
    expect(received).toEqual(['test']);
  });

  it('can unsubscribe', async () => {
    const received: unknown[] = [];
    const id = await pubSub.subscribe(trigger, (payload: unknown) => received.push(payload));
    const other = await pubSub.subscribe(trigger, () => {});
    pubSub.unsubscribe(id);
    pubSub.unsubscribe(id);
    expect(await pubSub.publish(trigger, 'test')).toBeUndefined();
    pubSub.unsubscribe(other);
    pubSub.unsubscribe(4_711);
    await later();
    expect(received).toEqual([]);
  });

  it('reaches the subscribers of other engines', async () => {
    const received: unknown[] = [];
    await new ClusterPubSub(bus).subscribe(trigger, (payload: unknown) => received.push(payload));
    await pubSub.publish(trigger, { a: [1, null] });
    await pubSub.publish(trigger, undefined);
    await until(() => received.length === 2);
    expect(received).toEqual([{ a: [1, null] }, undefined]);
  });

  it('has one subscription to the bus for all listeners of a trigger, until the last one ends', async () => {
    const ends: number[] = [];
    let begun = 0;
    const fake = {
      drainSignal: new AbortController().signal,
      subscribe: async (): Promise<Subscription> => {
        const n = ++begun;
        return { unsubscribe: async () => void ends.push(n) };
      },
    };
    const engine = new ClusterPubSub(fake as unknown as ClusterBus);
    const ids = await Promise.all([1, 2, 3].map(() => engine.subscribe('a', () => {})));
    expect(begun).toBe(1);
    ids.forEach(id => engine.unsubscribe(id));
    await engine.subscribe('a', () => {});
    await later();
    expect({ begun, ends }).toEqual({ begun: 2, ends: [1] });
  });

  it('stores the events of durable triggers', async () => {
    const received: unknown[] = [];
    const engine = new ClusterPubSub(bus, { durable: { maxLength: 5 } });
    await engine.subscribe(trigger, (payload: unknown) => received.push(payload));
    await engine.publish(trigger, 1);
    await until(() => received.length === 1);
    const [info] = await bus.durableTopics(`$nestjs-cluster.graphql.${trigger}`);
    expect(info).toMatchObject({ length: 1 });
  });

  it('refuses what is not JSON, and patterns as triggers of events', async () => {
    await expect(pubSub.publish(trigger, new Map())).rejects.toMatchObject({
      code: 'CLUSTER_BUS_INPUT',
    });
    await expect(pubSub.publish('a*', 1)).rejects.toMatchObject({ code: 'CLUSTER_BUS_INPUT' });
    await expect(pubSub.subscribe('a\n', () => {})).rejects.toMatchObject({
      code: 'CLUSTER_BUS_INPUT',
    });
  });

  it('logs a listener that fails, and calls the others', async () => {
    const errors: unknown[] = [];
    const spy = vi
      .spyOn(Logger.prototype, 'error')
      .mockImplementation((message: unknown) => void errors.push(message));
    try {
      const received: unknown[] = [];
      await pubSub.subscribe(trigger, () => Promise.reject(new Error('no')));
      await pubSub.subscribe(trigger, (payload: unknown) => received.push(payload));
      await pubSub.publish(trigger, 1);
      await until(() => received.length === 1 && errors.length === 1);
      expect(errors).toEqual(['A listener of a GraphQL subscription failed: no']);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('an iterator', () => {
  it('is an async iterable iterator', () => {
    const iterator = pubSub.asyncIterableIterator(trigger);
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
  });

  it('gives the published events, in order', async () => {
    const iterator = pubSub.asyncIterableIterator<number>(trigger);
    const first = iterator.next();
    await untilLive();
    await pubSub.publish(trigger, 1);
    await pubSub.publish(trigger, 2);
    expect(await first).toEqual({ value: 1, done: false });
    expect(await iterator.next()).toEqual({ value: 2, done: false });
    await iterator.return();
  });

  it('is not triggered by other events', async () => {
    const iterator = pubSub.asyncIterableIterator(trigger);
    const first = iterator.next();
    await untilLive();
    await pubSub.publish(`${trigger}.other`, 'other');
    await pubSub.publish(trigger, 'own');
    expect(await first).toEqual({ value: 'own', done: false });
    await iterator.return();
  });

  it('registers to multiple events', async () => {
    const iterator = pubSub.asyncIterableIterator([`${trigger}.a`, `${trigger}.b`] as const);
    const results = [iterator.next(), iterator.next()];
    await untilLive(pubSub, `${trigger}.a`);
    await untilLive(pubSub, `${trigger}.b`);
    await pubSub.publish(`${trigger}.b`, 1);
    await pubSub.publish(`${trigger}.a`, 2);
    const values = (await Promise.all(results)).map(({ value }) => value as number);
    expect(values.toSorted((one, other) => one - other)).toEqual([1, 2]);
    await iterator.return();
  });

  it('gives no events after it has returned, and settles every call', async () => {
    const iterator = pubSub.asyncIterableIterator(trigger);
    const pending = [iterator.next(), iterator.next()];
    await untilLive();
    expect(await iterator.return()).toEqual(DONE);
    await pubSub.publish(trigger, { test: true });
    expect(await Promise.all(pending)).toEqual([DONE, DONE]);
    expect(await iterator.next()).toEqual(DONE);
    expect(await iterator.return()).toEqual(DONE);
    await expect(iterator.throw(new Error('thrown'))).rejects.toThrow('thrown');
  });

  it('does not subscribe before next() is called', async () => {
    let subscribed = 0;
    const fake = {
      drainSignal: new AbortController().signal,
      subscribe: async () => void subscribed++,
    };
    const engine = new ClusterPubSub(fake as unknown as ClusterBus);
    const iterator = engine.asyncIterableIterator('test');
    await later();
    expect(subscribed).toBe(0);
    void iterator.next();
    expect(subscribed).toBe(1);
  });

  it('fails if it cannot subscribe, and has ended then', async () => {
    const iterator = pubSub.asyncIterableIterator([trigger, 'bad\ntrigger']);
    await expect(iterator.next()).rejects.toMatchObject({ code: 'CLUSTER_BUS_INPUT' });
    expect(await iterator.next()).toEqual(DONE);
  });

  describe('when the worker begins to drain', () => {
    let drain: AbortController;
    let draining: ClusterPubSub;

    beforeEach(() => {
      drain = new AbortController();
      draining = new ClusterPubSub(
        new Proxy(bus, {
          get: (target, name) =>
            name === 'drainSignal'
              ? drain.signal
              : (Reflect.get(target, name, target) as () => unknown).bind?.(target),
        }),
      );
    });

    it('ends', async () => {
      const iterator = draining.asyncIterableIterator(trigger);
      const pending = iterator.next();
      await untilLive(draining);
      drain.abort();
      expect(await pending).toEqual(DONE);
      expect(await iterator.next()).toEqual(DONE);
      expect(await draining.asyncIterableIterator(trigger).next()).toEqual(DONE);
    });

    /** Returns an iterator to which the events 1, 2 and 3 have arrived, and of which 1 was read. */
    async function withUnread(): Promise<ReturnType<typeof draining.asyncIterableIterator>> {
      const iterator = draining.asyncIterableIterator(trigger);
      const first = iterator.next();
      await untilLive(draining);
      let arrived = 0;
      await draining.subscribe(trigger, () => arrived++);
      await Promise.all([1, 2, 3].map(each => draining.publish(trigger, each)));
      await until(() => arrived === 3);
      expect(await first).toEqual({ value: 1, done: false });
      return iterator;
    }

    it('gives the events that had arrived, and no later ones, and then ends', async () => {
      const iterator = await withUnread();
      drain.abort();
      let arrived = false;
      await draining.subscribe(trigger, () => (arrived = true));
      await draining.publish(trigger, 4);
      await until(() => arrived);
      expect(await iterator.next()).toEqual({ value: 2, done: false });
      expect(await iterator.next()).toEqual({ value: 3, done: false });
      expect(await iterator.next()).toEqual(DONE);
    });

    it('drops them when its reader ends it', async () => {
      const iterator = await withUnread();
      drain.abort();
      await iterator.return();
      expect(await iterator.next()).toEqual(DONE);
    });
  });
});

describe('a subscription of graphql-js', () => {
  const query = parse('subscription S1 { testSubscription }');
  let origin: ReturnType<ClusterPubSub['asyncIterableIterator']>;

  afterEach(() => origin.return?.());

  function schemaWith(filter: (payload: unknown) => boolean | Promise<boolean>): GraphQLSchema {
    origin = pubSub.asyncIterableIterator(trigger);
    const testString = { type: GraphQLString, resolve: () => 'works' };
    const testSubscription = {
      type: GraphQLString,
      subscribe: withFilter(() => origin, filter),
      resolve: () => 'FIRST_EVENT',
    };
    return new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { testString } }),
      subscription: new GraphQLObjectType({ name: 'Subscription', fields: { testSubscription } }),
    });
  }

  const subscribed = async (
    filter: (payload: unknown) => boolean | Promise<boolean>,
  ): Promise<AsyncGenerator> =>
    (await subscribe({ schema: schemaWith(filter), document: query })) as AsyncGenerator;

  it.each([
    ['a filter', () => true],
    ['an async filter', () => Promise.resolve(true)],
  ])('gets events through %s', async (_, filter) => {
    const results = await subscribed(filter);
    const first = results.next();
    await untilLive();
    await pubSub.publish(trigger, {});
    expect(await first).toMatchObject({ value: { data: { testSubscription: 'FIRST_EVENT' } } });
  });

  it('detects the end while it filters', async () => {
    let counter = 0;
    const results = await subscribed(() => {
      counter++;
      return false;
    });
    const pending = results.next();
    await untilLive();
    await pubSub.publish(trigger, {});
    await until(() => counter === 1);
    await origin.return?.();
    expect(await pending).toEqual(DONE);
    expect(counter).toBe(1);
  });

  it('clears its event handlers', async () => {
    const results = await subscribed(() => true);
    await results.return(undefined);
    expect(await origin.next()).toEqual(DONE);
  });
});
