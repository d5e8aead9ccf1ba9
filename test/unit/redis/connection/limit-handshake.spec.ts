import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitHandshake } from '../../../../src/redis/connection/limit-handshake.js';
import type { RedisNode } from '../../../../src/redis/connection/redis-client.interface.js';

const LOADING = Object.assign(new Error('LOADING Redis is loading the dataset in memory'), {
  name: 'ReplyError',
});

/** A client whose server accepts connections. */
class FakeClient extends EventEmitter {
  status = 'connecting';
  readonly options = { host: 'redis-1', port: 6379 };
  /** By default, the server does not answer. */
  answer = this.#untilClosed.bind(this);
  readonly cuts: boolean[] = [];

  call(): Promise<unknown> {
    return this.answer();
  }

  disconnect(reconnects: boolean): void {
    this.cuts.push(reconnects);
    this.become('close');
  }

  become(status: string): void {
    this.status = status;
    this.emit(status);
  }

  #untilClosed(): Promise<unknown> {
    return new Promise((_, reject) => {
      this.once('close', () => reject(new Error('Connection is closed.')));
    });
  }
}

let client: FakeClient;

beforeEach(() => {
  vi.useFakeTimers();
  client = new FakeClient();
  limitHandshake(client as unknown as RedisNode);
  client.become('connect');
});
afterEach(async () => {
  client.become('close');
  await pass(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const pass = (milliseconds: number): Promise<unknown> =>
  vi.advanceTimersByTimeAsync(milliseconds + 1);

describe('a connection', () => {
  it('is replaced when the server does not answer, each time', async () => {
    await pass(2_900);
    expect(client.cuts).toEqual([]);
    await pass(200);
    expect(client.cuts).toEqual([true]);
    client.become('connect');
    await pass(3_100);
    expect(client.cuts).toEqual([true, true]);
  });

  it('is replaced when ioredis cannot send anything over it', async () => {
    client.answer = () => Promise.reject(new Error("Stream isn't writeable"));
    await pass(1_100);
    expect(client.cuts).toEqual([true]);
  });

  it('may take any time to become ready while the server answers, whatever the answer is', async () => {
    const silence = client.answer;
    client.answer = () => Promise.resolve('loading:1');
    await pass(30_000);
    client.answer = () => Promise.reject(LOADING);
    await pass(30_000);
    expect(client.cuts).toEqual([]);
    client.answer = silence;
    await pass(4_000);
    expect(client.cuts).toEqual([true]);
  });

  it('stays when it becomes ready during a check', async () => {
    await pass(2_000);
    client.become('ready');
    await pass(5_000);
    expect(client.cuts).toEqual([]);
  });

  it('is not cut by a check of the one before', async () => {
    await pass(2_000);
    client.become('close');
    client.become('connect');
    await pass(1_900);
    expect(client.cuts).toEqual([]);
  });

  it('to a node of a cluster is replaced, too, which is logged once until it is ready', async () => {
    const lines: string[] = [];
    const cluster = Object.assign(new EventEmitter(), { nodes: () => [] });
    limitHandshake(cluster as unknown as RedisNode, line => lines.push(line));
    const node = new FakeClient();
    cluster.emit('+node', node);
    const line = 'Node redis-1:6379 of the Redis Cluster does not answer; reconnecting to it.';
    for (const logged of [[line], [line], [line, line]]) {
      node.become('connect');
      await pass(3_100);
      expect(lines).toEqual(logged);
      if (node.cuts.length === 2) {
        node.become('ready');
      }
    }
    expect(node.cuts).toEqual([true, true, true]);
  });

  it('to a node of a cluster is reported when it fails, once until the node is ready, unless all fail', () => {
    const lines: string[] = [];
    const cluster = Object.assign(new EventEmitter(), { nodes: () => [], status: 'connecting' });
    limitHandshake(cluster as unknown as RedisNode, line => lines.push(line));
    const node = new FakeClient();
    cluster.emit('+node', node);
    const fail = (): unknown => node.emit('error', new Error('connect ECONNREFUSED'));
    fail();
    cluster.status = 'ready';
    node.become('ready');
    fail();
    expect(lines).toEqual([]);
    node.become('connecting');
    fail();
    fail();
    const line =
      'Node redis-1:6379 of the Redis Cluster is unreachable (connect ECONNREFUSED). ' +
      'Calls for its keys fail until it is back, or another node has taken over.';
    expect(lines).toEqual([line]);
    node.become('ready');
    node.become('connecting');
    fail();
    expect(lines).toEqual([line, line]);
  });
});
