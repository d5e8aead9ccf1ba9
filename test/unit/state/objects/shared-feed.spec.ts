import { describe, expect, it } from 'vitest';
import { BusInputError } from '../../../../src/model/errors/bus-input.error.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import {
  type CacheSource,
  type NamedChange,
  SharedFeed,
} from '../../../../src/state/objects/cache/shared-feed.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';
import { block } from '../../../fixtures/apps/block.js';

/** Records what is published, and accepts or refuses it when it is told. */
class FakeSource implements CacheSource {
  readonly published: (readonly NamedChange[])[] = [];
  readonly accept: (() => void)[] = [];
  hear: (changes: NamedChange | readonly NamedChange[]) => void = () => {};

  publish(changes: readonly NamedChange[]): Promise<void> {
    this.published.push(changes);
    return new Promise(resolve => this.accept.push(resolve));
  }

  subscribe(onChanges: FakeSource['hear']): Promise<void> {
    this.hear = onChanges;
    return Promise.resolve();
  }
}

function feedOn(source: FakeSource): SharedFeed {
  const feed = new SharedFeed(new StateClient(new FakeExecutor(), 20, 0));
  feed.source = source;
  return feed;
}

const changes = (...keys: string[]): NamedChange[] => keys.map(key => ({ cache: 'c', key }));

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe('the announcements of changes', () => {
  it('publishes those of one turn together, and later ones when these are accepted', async () => {
    const source = new FakeSource();
    const feed = feedOn(source);
    const settled: string[] = [];
    const announce = async (key: string): Promise<void> => {
      await feed.announce('c', { key });
      settled.push(key);
    };
    const first = [announce('a'), announce('b')];
    await turn();
    const second = [announce('c'), announce('d')];
    await turn();
    expect(source.published).toEqual([changes('a', 'b')]);
    expect(settled).toEqual([]);
    source.accept[0]!();
    await Promise.all(first);
    expect(settled).toEqual(['a', 'b']);
    await turn();
    expect(source.published).toEqual([changes('a', 'b'), changes('c', 'd')]);
    source.accept[1]!();
    await Promise.all(second);
    expect(settled).toEqual(['a', 'b', 'c', 'd']);
  });

  it('publishes in parts what is too long for an event, at last without the entry or the key', async () => {
    const source = new FakeSource();
    const feed = feedOn(source);
    const heard: NamedChange[] = [];
    source.publish = payload => {
      if (JSON.stringify(payload).length > 90) {
        return Promise.reject(new BusInputError('cache', 'It is too long.'));
      }
      heard.push(...payload);
      return Promise.resolve();
    };
    const entry = { value: '1', freshFor: null, version: 1 };
    const long = { ...entry, value: 'x'.repeat(100) };
    await Promise.all([
      feed.announce('one', { key: 'a', entry }),
      feed.announce('one', { key: 'b', entry: long }),
      feed.announce('two', { key: 'y'.repeat(100), entry }),
      feed.announce('two', { key: 'c' }),
      feed.announce('z'.repeat(100), { key: 'c' }),
    ]);
    expect(heard).toEqual([
      { cache: 'one', key: 'a', entry },
      { cache: 'one', key: 'b' },
      { cache: 'two' },
      { cache: 'two', key: 'c' },
    ]);
  });

  it('subtracts the time that an entry has waited', async () => {
    const source = new FakeSource();
    const feed = feedOn(source);
    const first = feed.announce('c', { key: 'a' });
    await turn();
    const entry = { value: '1', freshFor: 10_000, version: 1 };
    const second = [
      feed.announce('c', { key: 'b', entry }),
      feed.announce('c', { key: 'c', entry: { ...entry, freshFor: 0.5 } }),
      feed.announce('c', { key: 'd', entry: { ...entry, freshFor: null } }),
    ];
    block(5);
    source.accept[0]!();
    await first;
    await turn();
    const [b, c, d] = source.published[1]!;
    expect(b!.entry!.freshFor).toBeGreaterThan(5_000);
    expect(b!.entry!.freshFor).toBeLessThanOrEqual(9_995.5);
    expect([c!.entry!.freshFor, d!.entry!.freshFor]).toEqual([0, null]);
    source.accept[1]!();
    await Promise.all(second);
  });

  it('hears a change that a worker with an earlier version has published', async () => {
    const source = new FakeSource();
    const feed = feedOn(source);
    const heard: unknown[] = [];
    feed.watch('c', change => heard.push(change));
    await turn();
    source.hear({ cache: 'c', key: 'a' });
    expect(heard.at(-1)).toMatchObject({ key: 'a' });
  });

  it('settles if the bus does not accept a change, and goes on with the next one', async () => {
    const source = new FakeSource();
    const feed = feedOn(source);
    source.publish = () => Promise.reject(new Error('away'));
    await feed.announce('c', { key: 'a' });
    await feed.announce('c', { key: 'b' });
    const heard: unknown[] = [];
    feed.watch('c', change => heard.push(change));
    await turn();
    source.hear([
      { cache: 'other', key: 'a' },
      { cache: 'c', key: 'b' },
    ]);
    expect(heard.at(-1)).toMatchObject({ key: 'b' });
  });
});
