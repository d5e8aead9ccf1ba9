import { beforeEach, describe, expect, it } from 'vitest';
import { DASHBOARD_VIEWS, type SectionView } from '../../../src/dashboard/page-messages.js';
import { DashboardStreams } from '../../../src/dashboard/streams/dashboard-streams.js';
import type { SectionSource } from '../../../src/dashboard/streams/live-section.js';
import type { PageStream } from '../../../src/dashboard/streams/page-stream.js';
import type { Overview, OverviewUpdate } from '../../../src/overview/overview.interface.js';
import { type Deferred, deferred } from '../../../src/system/async/deferred.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

/** A page that notes what it gets. */
class Page implements PageStream {
  readonly texts: string[] = [];
  isEnded = false;
  #onClosed: () => void = () => {};

  send(text: string): void {
    this.texts.push(text);
  }

  end(): void {
    this.isEnded = true;
    this.close();
  }

  onClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  close(): void {
    this.#onClosed();
  }

  /** The messages, with their names. */
  get messages(): unknown[] {
    return this.texts
      .filter(text => text.startsWith('event:'))
      .map(text => {
        const [, name, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text)!;
        return [name, JSON.parse(data!)];
      });
  }
}

const update = (at: number, sequences: readonly number[] = []): OverviewUpdate =>
  ({ at, events: sequences.map(sequence => ({ sequence })) }) as unknown as OverviewUpdate;

const overview = (at: number, sequences: readonly number[] = []): Overview => ({
  ...update(at, sequences),
  history: [],
});

let clock: FakeClock;
let watchers: Set<(update: OverviewUpdate) => void>;
let snapshots: Deferred<Overview>[];
let looks: SectionView[];
let section: () => Promise<unknown>;
let failures: unknown[];
let streams: DashboardStreams;

const tell = (told: OverviewUpdate): void => watchers.forEach(watch => watch(told));

beforeEach(() => {
  clock = new FakeClock();
  watchers = new Set();
  snapshots = [];
  looks = [];
  section = async () => 'same';
  failures = [];
  const source = (view: SectionView): SectionSource => ({
    interval: view === 'state' ? 5_000 : 2_000,
    look: () => {
      looks.push(view);
      return section();
    },
  });
  streams = new DashboardStreams(
    {
      watch: listener => {
        watchers.add(listener);
        return () => watchers.delete(listener);
      },
      snapshot: () => {
        const snapshot = deferred<Overview>();
        snapshots.push(snapshot);
        return snapshot.promise;
      },
    },
    {
      state: source('state'),
      topics: source('topics'),
      jobs: source('jobs'),
      connections: source('connections'),
      fleet: source('fleet'),
    },
    clock,
    {
      onOverviewFailed: error => failures.push(String(error)),
      onSectionFailed: (view, error) => failures.push([view, String(error)]),
    },
  );
});

function open(view: (typeof DASHBOARD_VIEWS)[number] = 'workers'): Page {
  const page = new Page();
  streams.open(page, view, json => `{"own":1,${json.slice(1)}`);
  return page;
}

describe('the overview', () => {
  it('comes first, with what belongs to the page, then all updates', async () => {
    const page = open();
    snapshots[0]!.resolve(overview(10, [1]));
    await settle();
    tell(update(12, [2]));
    expect(page.messages).toEqual([
      ['overview', { own: 1, at: 10, events: [{ sequence: 1 }], history: [] }],
      ['update', { at: 12, events: [{ sequence: 2 }] }],
    ]);
  });

  it('is requested once for all pages that are opened meanwhile', async () => {
    const pages = [open(), open('timeline'), open()];
    expect([snapshots.length, watchers.size]).toEqual([1, 1]);
    snapshots[0]!.resolve(overview(10));
    await settle();
    expect(pages.map(({ messages }) => messages.length)).toEqual([1, 1, 1]);
    open();
    expect([snapshots.length, watchers.size]).toEqual([2, 1]);
  });

  it('and its updates miss no event, and have none twice', async () => {
    const page = open();
    tell(update(8, [1, 2]));
    tell(update(10, [3, 4]));
    tell(update(12, []));
    // As IPC does: the answer and the next message arrive in the same turn.
    snapshots[0]!.resolve(overview(10, [1, 2, 3]));
    tell(update(14, [5]));
    await settle();
    tell(update(16, [6]));
    const sequences = (page.messages as [string, OverviewUpdate][]).map(([, { at, events }]) => [
      at,
      events.map(({ sequence }) => sequence),
    ]);
    expect(sequences).toEqual([
      [10, [1, 2, 3]],
      [10, [4]],
      [12, []],
      [14, [5]],
      [16, [6]],
    ]);
  });

  it('makes each update once, as the same text for all pages', async () => {
    const pages = [open(), open(), open()];
    snapshots[0]!.resolve(overview(10));
    await settle();
    let made = 0;
    const counted = { ...update(12), toJSON: () => ({ made: ++made }) };
    tell(counted);
    expect(made).toBe(1);
    expect(new Set(pages.map(({ texts }) => texts.at(-1))).size).toBe(1);
  });

  it('is not watched while there is no page', async () => {
    const [one, two] = [open(), open()];
    snapshots[0]!.resolve(overview(10));
    await settle();
    one.close();
    expect(watchers.size).toBe(1);
    two.close();
    expect([watchers.size, streams.size]).toEqual([0, 0]);
    await clock.advance(60_000);
    expect(one.texts).toHaveLength(1);
  });

  it('is not sent to a page that has gone meanwhile', async () => {
    const [gone, page] = [open(), open()];
    gone.close();
    snapshots[0]!.resolve(overview(10));
    await settle();
    expect([gone.messages.length, page.messages.length]).toEqual([0, 1]);
  });

  it('is not sent to a page that had gone before, which is forgotten', async () => {
    const page = new Page();
    page.onClosed = listener => listener();
    streams.open(page, 'jobs', json => json);
    snapshots[0]?.resolve(overview(10));
    await settle();
    expect([page.texts, streams.size, watchers.size, looks]).toEqual([[], 0, 0, []]);
    await clock.advance(60_000);
    expect(page.texts).toEqual([]);
  });

  it('that fails again and again is logged once, until there is one', async () => {
    for (const place of [0, 1, 2, 3]) {
      const pages = [open(), open()];
      if (place === 2) {
        snapshots[place]!.resolve(overview(10));
      } else {
        snapshots[place]!.reject(new Error(`silent ${place}`));
      }
      await settle();
      pages.forEach(page => page.close());
    }
    expect(failures).toEqual(['Error: silent 0', 'Error: silent 3']);
  });

  it('ends the stream if it fails, so that the page tries again', async () => {
    const page = open();
    snapshots[0]!.reject(new Error('the primary is silent'));
    await settle();
    expect([page.isEnded, page.texts, failures]).toEqual([
      true,
      [],
      ['Error: the primary is silent'],
    ]);
    expect(watchers.size).toBe(0);
    const again = open();
    snapshots[1]!.resolve(overview(10));
    await settle();
    expect(again.messages).toHaveLength(1);
  });
});

async function shown(view: SectionView): Promise<Page> {
  const page = open(view);
  snapshots.at(-1)!.resolve(overview(10));
  await settle();
  return page;
}

const sections = ({ messages }: Page): unknown[] =>
  (messages as [string, { section: unknown }][])
    .filter(([name]) => name === 'section')
    .map(([, data]) => data.section);

describe('a section', () => {
  it('is sent when it has changed, after the overview', async () => {
    const page = await shown('topics');
    expect(page.messages).toEqual([
      ['overview', expect.anything()],
      ['section', { view: 'topics', section: 'same' }],
    ]);
    await clock.advance(2_000);
    section = async () => 'other';
    await clock.advance(2_000);
    expect(looks).toHaveLength(3);
    expect(sections(page)).toEqual(['same', 'other']);
  });

  it('is made once for all pages, and only while one shows it', async () => {
    const first = await shown('state');
    const second = await shown('state');
    expect(looks).toEqual(['state']);
    expect(sections(second)).toEqual(['same']);
    await clock.advance(5_000);
    expect(looks).toEqual(['state', 'state']);
    first.close();
    second.close();
    await clock.advance(60_000);
    expect(looks).toEqual(['state', 'state']);
  });

  it('is not made twice at the same time', async () => {
    const slow = deferred<unknown>();
    section = () => slow.promise;
    await shown('fleet');
    await clock.advance(10_000);
    expect(looks).toEqual(['fleet']);
    slow.resolve('late');
    await settle();
    await clock.advance(2_000);
    expect(looks).toEqual(['fleet', 'fleet']);
  });

  it('that fails is logged once, and tried again', async () => {
    section = async () => {
      throw new Error('no answer');
    };
    const page = await shown('jobs');
    await clock.advance(2_000);
    section = async () => 'there';
    await clock.advance(2_000);
    expect(failures).toEqual([['jobs', 'Error: no answer']]);
    expect(sections(page)).toEqual(['there']);
  });

  it.each(['workers', 'timeline'] as const)('does not exist for %s', async view => {
    open(view);
    snapshots[0]!.resolve(overview(10));
    await settle();
    await clock.advance(60_000);
    expect(looks).toEqual([]);
  });
});

it('sends a comment at least every 15 s', async () => {
  const page = open();
  await clock.advance(15_000);
  await clock.advance(15_000);
  expect(page.texts).toEqual([':\n\n', ':\n\n']);
  page.close();
  await clock.advance(60_000);
  expect(page.texts).toHaveLength(2);
});

it('ends all streams at the beginning of a drain, and those that are opened then', async () => {
  const pages = [open(), open('jobs')];
  snapshots[0]!.resolve(overview(10));
  await settle();
  streams.end();
  pages.push(open());
  expect(pages.map(({ isEnded }) => isEnded)).toEqual([true, true, true]);
  expect([watchers.size, streams.size]).toEqual([0, 0]);
});
