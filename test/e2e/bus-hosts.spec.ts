import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { ascending, upTo } from '../support/numbers.js';
import {
  isSame,
  numbersOf,
  RemoteBus,
  type RemoteInbox,
  type RemoteMember,
} from '../support/remote-bus.js';

/** Milliseconds: how long a request waits for a blocked worker, and how long the worker is blocked. */
const DEADLINE = 1_500;
const BLOCKED = 4_000;
/** A timeout in ms that no request reaches. */
const LONG = 30_000;

describe('four workers on two hosts with one Redis', () => {
  let server: RedisServer;
  let hosts: readonly RemoteBus[];

  beforeAll(async () => {
    server = await RedisServer.start();
    const env = { CLUSTER_REDIS_URL: server.url, CLUSTER_NAMESPACE: randomUUID() };
    hosts = await Promise.all([RemoteBus.ready({ env }), RemoteBus.ready({ env })]);
  });

  afterAll(async () => {
    const unhandled = hosts.flatMap(({ app }) => app.noted('unhandled'));
    await Application.endAll();
    await server.stop();
    expect(unhandled).toEqual([]);
  });

  const members = (): RemoteMember[] => hosts.flatMap(host => host.members);
  const subscribeAll = (topic: string, options = {}): Promise<RemoteInbox[]> =>
    Promise.all(members().map(member => member.subscribe(topic, options)));
  const answerAll = (topic: string) => Promise.all(members().map(member => member.answer(topic)));

  it.each([
    ['plain', {}],
    ['durable', { durable: true }],
    ['retained', { retain: true }],
  ])('get each %s event of each of them once', async (kind, publish) => {
    const count = 250;
    const inboxes = await subscribeAll(`each.${kind}`, publish);
    const byPattern = kind === 'plain' ? await subscribeAll(`each.${kind}*`) : [];
    const senders = members();
    const floods = await Promise.all(
      senders.map(sender => sender.flood(`each.${kind}`, { count, publish })),
    );
    for (const flood of floods) {
      expect((await flood.finished()).failed).toEqual([]);
    }
    for (const inbox of [...inboxes, ...byPattern]) {
      const arrivals = await inbox.until(count * senders.length);
      expect(arrivals).toHaveLength(count * senders.length);
      for (const { pid } of senders) {
        expect(numbersOf(arrivals, pid)).toEqual(upTo(count));
      }
    }
    const seen = (await inboxes[0]!.arrivals()).map(({ from }) => `${from.host} ${from.slot}`);
    // Both hosts use the same slot numbers.
    expect(new Set(seen).size).toBe(senders.length);
  });

  it('share the events of a group of all hosts', async () => {
    const count = 200;
    const inboxes = await subscribeAll('shared', { group: 'all' });
    const flood = await hosts[0]!.members[0]!.flood('shared', { count });
    await flood.finished();
    let arrived: number[] = [];
    await eventually(
      async () => {
        const lists = await Promise.all(inboxes.map(inbox => inbox.arrivals()));
        arrived = lists.flatMap(list => numbersOf(list));
        return arrived.length >= count;
      },
      20_000,
      () => `${arrived.length} of ${count}`,
    );
    expect(ascending(arrived)).toEqual(upTo(count));
  });

  it('all four answer a question', async () => {
    await answerAll('all');
    for (const requester of members()) {
      const { replies, missing } = await requester.ask<{ pid: number }>('all', 1);
      expect(missing).toEqual([]);
      expect(ascending(replies.map(({ value }) => value.pid))).toEqual(
        ascending(members().map(({ pid }) => pid)),
      );
    }
  });

  it('one is blocked: the others answer by the deadline, and the blocked one is reported as missing', async () => {
    await answerAll('blocked');
    const [requester, ...others] = members();
    const victim = others.at(-1)!;
    await victim.block(BLOCKED);
    const { replies, missing, took } = await requester!.ask('blocked', 1, { timeout: DEADLINE });
    expect(replies).toHaveLength(3);
    expect(missing).toMatchObject([{ reason: 'timeout', worker: { pid: victim.pid } }]);
    expect(took).toBeGreaterThanOrEqual(DEADLINE - 1);
    expect(took).toBeLessThan(BLOCKED - 500);
    // The blocked worker has lost nothing, and answers the next request.
    const { replies: later } = await requester!.ask('blocked', 2, { timeout: LONG });
    expect(later).toHaveLength(4);
  });

  it.each([
    ['its own host', 0],
    ['the other host', 1],
  ])('one of %s is killed while it is asked: the answer does not wait for it', async (_, host) => {
    const topic = `killed.${host}`;
    const requester = hosts[0]!.members[0]!;
    const victim = hosts[host]!.members[1]!;
    await Promise.all(
      members().map(member => member.answer(topic, member === victim ? 'silent' : 'echo')),
    );
    const asking = requester.ask(topic, 1, { timeout: LONG });
    await victim.untilAsked(topic);
    victim.kill('SIGKILL');
    const { replies, missing, took } = await asking;
    expect(replies).toHaveLength(3);
    expect(missing).toMatchObject([{ reason: 'gone' }]);
    expect(isSame(victim, missing[0]!.worker)).toBe(true);
    expect(took).toBeLessThan(LONG / 2);
    const successor = await hosts[host]!.successorOf(victim);
    await successor.answer(topic);
    expect((await requester.ask(topic, 2, { timeout: LONG })).replies).toHaveLength(4);
  });
});

describe('the workers of one host', () => {
  let bus: RemoteBus;

  beforeAll(async () => {
    bus = await RemoteBus.ready({ env: { CLUSTER_WORKERS: '3' } });
  });
  afterAll(() => Application.endAll());

  it('wait for a blocked worker until the deadline, and for a killed worker until it has ended', async () => {
    const [requester, other, victim] = bus.members as [RemoteMember, RemoteMember, RemoteMember];
    await Promise.all([
      requester.answer('how'),
      other.answer('how'),
      victim.answer('how', 'silent'),
    ]);
    await victim.block(BLOCKED);
    const late = await requester.ask('how', 1, { timeout: DEADLINE });
    expect(late.replies).toHaveLength(2);
    expect(late.missing).toMatchObject([{ reason: 'timeout', worker: { pid: victim.pid } }]);
    await victim.untilAsked('how');
    const asking = requester.ask('how', 2, { timeout: LONG });
    await victim.untilAsked('how', 2);
    victim.kill('SIGKILL');
    const { replies, missing, took } = await asking;
    expect(replies).toHaveLength(2);
    expect(missing).toMatchObject([{ reason: 'gone', worker: { pid: victim.pid } }]);
    expect(took).toBeLessThan(LONG / 2);
  });
});
