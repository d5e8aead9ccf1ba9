import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { TopicActivity } from '../../../src/bus/topic-activity.js';
import { StateUnavailableError } from '../../../src/model/errors/state-unavailable.error.js';
import { ownerNames } from '../../../src/overview/owner-names.js';
import type { TopicsSection } from '../../../src/overview/overview.interface.js';
import { StateView } from '../../../src/overview/state-view.js';
import { TopicsReporter } from '../../../src/overview/topics-reporter.js';
import { TopicsView } from '../../../src/overview/topics-view.js';
import type { StateInspector } from '../../../src/state/inspection/state-inspector.interface.js';

const topic = (name: string) => ({
  topic: name,
  durable: false,
  published: 1,
  received: 2,
  subscriptions: 3,
  queued: 0,
  gaps: 0,
  missed: 0,
});

const activity = (name: string, published = 0): TopicActivity => ({
  topic: name,
  isDurable: name === 'b',
  published,
  received: 2,
  subscriptions: 1,
  queued: 0,
  gaps: 0,
  missed: 0,
});

describe('the topics', () => {
  const host: TopicsSection = { topics: [topic('b'), topic('d')], silent: [4] };
  const info = { length: 7, last: '1-7', groups: [{ name: 'g', pending: 1, waiting: 2 }] };

  it('have their stored events and groups, also of those that this host does not use', async () => {
    const view = new TopicsView({
      topics: () => Promise.resolve(host),
      stored: () =>
        Promise.resolve([
          { name: 'd', ...info },
          { name: 'c', ...info },
        ]),
    });
    const stored = { durable: true, stored: 7, groups: [{ group: 'g', pending: 1, lag: 2 }] };
    expect(await view.section()).toEqual({
      topics: [
        topic('b'),
        { ...topic('c'), published: 0, received: 0, subscriptions: 0, ...stored },
        { ...topic('d'), ...stored },
      ],
      silent: [4],
    });
  });

  it('has only what has changed', () => {
    const reporter = new TopicsReporter();
    expect(reporter.report([activity('a'), activity('b')])).toEqual({
      added: ['a', 'b'],
      counts: [0, 0, 0, 2, 1, 0, 0, 0, 1, 1, 0, 2, 1, 0, 0, 0],
    });
    expect(reporter.report([activity('a'), activity('b', 5), activity('c')])).toEqual({
      added: ['c'],
      counts: [1, 1, 5, 2, 1, 0, 0, 0, 2, 0, 0, 2, 1, 0, 0, 0],
    });
    expect(reporter.report([activity('a'), activity('b', 5), activity('c')])).toEqual({
      added: [],
      counts: [],
    });
  });

  it('adds up the applications of a process', () => {
    expect(new TopicsReporter().report([activity('a', 1), activity('a', 2)])).toEqual({
      added: ['a'],
      counts: [0, 0, 3, 4, 2, 0, 0, 0],
    });
  });
});

describe('the holders of locks', () => {
  it('have a place on this host or on another one, if that is known', () => {
    const member = { generation: 0, id: 1, slot: 2, pid: 30, host: 'web-2:4711', member: 'other' };
    const names = ownerNames([['own', 1, 20]], [member]);
    expect(['own.5', 'other.1', 'lost.1'].map(names)).toEqual([
      `slot 1 (pid 20) of ${hostname()}`,
      'slot 2 (pid 30) of web-2',
      'client lost',
    ]);
    expect(ownerNames([['spare', -1, 9]], [])('spare.1')).toBe(`spare (pid 9) of ${hostname()}`);
  });
});

const stateView = (inspector: Partial<StateInspector> | undefined): StateView =>
  new StateView({
    client: () => ({ executor: { inspector } }) as never,
    facts: () => Promise.reject(new Error('the primary is blocked')),
    members: () => Promise.reject(new Error('away')),
  });

describe('the shared state', () => {
  it('tells why the backend does not answer, instead of old entries', async () => {
    const broken = stateView({
      backend: 'redis',
      inspect: () => Promise.reject(new Error('the backend is unreachable')),
      peek: () => Promise.reject(new Error('the backend is unreachable')),
    });
    expect(await broken.section()).toEqual({
      backend: 'redis',
      entries: [],
      isTruncated: false,
      error: expect.stringContaining('the backend is unreachable'),
    });
    await expect(broken.value('value', 'a')).rejects.toThrow(StateUnavailableError);
    expect(await stateView(undefined).section()).toMatchObject({
      entries: [],
      error: expect.anything(),
    });
  });

  it('does not show values of this package itself', async () => {
    const asked: string[] = [];
    const shared = stateView({
      peek: (_, key) => {
        asked.push(key);
        return Promise.resolve({ text: '1', isTruncated: false });
      },
    });
    const texts = ['~bus:topics', '$nestjs-cluster.once:pay:1', 'mine'].map(async key => {
      const { text } = await shared.value('value', key);
      return text;
    });
    expect(await Promise.all(texts)).toEqual([null, null, '1']);
    expect(asked).toEqual(['mine']);
  });

  it('is read once for all pages, and without the primary and the bus', async () => {
    let reads = 0;
    const shared = stateView({
      backend: 'redis',
      inspect: () => {
        reads++;
        const lock = { kind: 'lock', key: 'a', owners: ['x.1'], waiting: 0 } as const;
        const entries = [lock, { kind: 'cache', key: 'b', size: 1 } as const];
        return Promise.resolve({ entries, isTruncated: false });
      },
    });
    await Promise.all([shared.section(), shared.section()]);
    expect((await shared.section()).entries).toEqual([
      { kind: 'lock', key: 'a', holders: ['client x'], waiting: 0 },
      { kind: 'cache', key: 'b', size: 1, hitRate: null },
    ]);
    expect(reads).toBe(1);
  });
});
