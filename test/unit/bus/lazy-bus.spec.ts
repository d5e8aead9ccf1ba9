import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ClusterBus } from '../../../src/bus/cluster-bus.js';
import { LazyBus } from '../../../src/bus/lazy-bus.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';

const SELF = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

const CALLS: Readonly<
  Record<
    string,
    readonly [call: (bus: ClusterBus) => Promise<unknown>, notDone: string, code: string]
  >
> = {
  publish: [bus => bus.publish('t', 1), 'The event on "t" was not published', 'BUS'],
  ask: [bus => bus.ask('t', 1), 'The request on "t" was not sent', 'BUS'],
  subscribe: [bus => bus.subscribe('t', () => {}), '"subscribe" of "t" was not applied', 'BUS'],
  answer: [bus => bus.answer('t', () => {}), '"answer" of "t" was not applied', 'BUS'],
  durableTopics: [bus => bus.durableTopics('t'), '"durableTopics" of "t" was not applied', 'STATE'],
  deleteTopic: [bus => bus.deleteTopic('t'), '"deleteTopic" of "t" was not applied', 'STATE'],
  deleteGroup: [bus => bus.deleteGroup('t', 'g'), '"deleteGroup" of "t" was not applied', 'STATE'],
};

describe('after the application has closed', () => {
  it.each(Object.keys(CALLS))('%s() says so, and names the topic', async method => {
    const lazy = new LazyBus(SELF, new AbortController().signal, 1_000, new Subject(), () =>
      Promise.reject(new Error('opened')),
    );
    await lazy.close();
    const [call, notDone, code] = CALLS[method]!;
    await expect(call(new ClusterBus(lazy, resolveOptions({}, {})))).rejects.toMatchObject({
      code: `CLUSTER_${code}_UNAVAILABLE`,
      message: `${notDone}: the application has closed.`,
    });
  });
});
