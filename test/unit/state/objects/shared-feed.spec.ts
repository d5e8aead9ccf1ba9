import { describe, expect, it } from '@jest/globals';
import { BusInputError } from '../../../../src/model/errors/bus-input.error.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import {
  type CacheSource,
  type NamedChange,
  SharedFeed,
} from '../../../../src/state/objects/cache/shared-feed.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';

/** Records what is published, and accepts or refuses it when it is told. */
class FakeSource implements CacheSource {
  readonly published: (readonly NamedChange[])[] = [];
  readonly accept: (() => void)[] = [];
  maxChanges = Infinity;
  hear: (changes: readonly NamedChange[]) => void = () => {};

  publish(changes: readonly NamedChange[]): Promise<void> {
    this.published.push(changes);
    if (changes.length > this.maxChanges) {
      return Promise.reject(new BusInputError('cache', 'It is too long.'));
    }
    return new Promise(resolve => this.accept.push(resolve));
  }

  subscribe(onChanges: (changes: readonly NamedChange[]) => void): Promise<void> {
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

  it('has all copies of the caches dropped if the changes are too long for an event', async () => {
    const source = new FakeSource();
    source.maxChanges = 2;
    const feed = feedOn(source);
    const announced = ['a', 'b', 'c'].map(key => feed.announce('one', { key }));
    announced.push(feed.announce('two', { key: 'a' }));
    await turn();
    expect(source.published[1]).toEqual([{ cache: 'one' }, { cache: 'two' }]);
    source.accept[0]!();
    await Promise.all(announced);
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
