import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  ConnectionsSection,
  Overview,
  OverviewUpdate,
  StateSection,
  TopicsSection,
} from '../../src/overview/overview.interface.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';

const main = fileURLToPath(new URL('../fixtures/overview/main.mjs', import.meta.url));

/** What a page of one worker gets. */
interface Page {
  readonly slot: number;
  readonly updates: readonly OverviewUpdate[];
  readonly sections: readonly [TopicsSection, ConnectionsSection, StateSection];
}

let app: Application;

beforeAll(async () => {
  app = await Application.ready('overview', { main });
});

afterAll(() => Application.endAll());

async function get<T>(path: string): Promise<T> {
  // Each request reaches the next worker.
  const response = await fetch(app.url(path), { headers: { connection: 'close' } });
  return (await response.json()) as T;
}

it('shows a blocked worker as unknown, while the others are live', async () => {
  await get('/count');
  await get('/count');
  const { slot } = await get<{ slot: number }>('/watch');
  let blocked: { slot: number; isBlocked: boolean };
  do {
    blocked = await get('/block?not=' + String(slot));
  } while (!blocked.isBlocked);
  // A request that reaches the blocked worker waits until it is not.
  const pages: Page[] = [];
  const hasUpdates = async (): Promise<boolean> =>
    pages.push(await get<Page>('/updates')) > 0 &&
    pages.at(-1)!.slot === slot &&
    pages.at(-1)!.updates.length >= 3;
  await eventually(hasUpdates, 20_000, () => 'There are too few updates', 200);
  const { updates, sections } = pages.at(-1)!;
  const inFlight = updates.slice(0, 3).map(({ workers }) => workers.map(worker => worker.inFlight));
  const ofSlot = (index: number) => inFlight.map(each => each[index]);
  expect(ofSlot(slot)).toEqual([1, 2, 3].map(() => expect.any(Number)));
  expect(ofSlot(blocked.slot)).toContain(null);
  const at = updates.map(update => update.at);
  // The patience for the blocked worker is over before the next round.
  expect(at[2]! - at[0]!).toBeLessThan(8_000);
  const [topics, connections, state] = sections;
  expect(topics.topics).toEqual([]);
  expect(connections.workers.map(worker => worker.slot)).toEqual([0, 1]);
  expect(state).toEqual({
    backend: 'memory',
    entries: [{ kind: 'counter', key: 'sold' }],
    isTruncated: false,
  });
});

it('tells the phases of a reload in their order', async () => {
  const phases: unknown[] = [];
  app.signal('SIGHUP');
  const isDone = async (): Promise<boolean> => {
    const { reload } = await get<Overview>('/overview');
    if (reload && reload.phase !== phases.at(-1)) {
      phases.push(reload.phase);
    }
    return reload?.phase === 'done';
  };
  await eventually(isDone, 30_000, () => `It has had the phases ${phases.join(', ')}`);
  expect(phases).toEqual(['canary', 'soak', 'rolling', 'done']);
  const { events, history, workers, reload: done } = await get<Overview>('/overview');
  const sequences = events.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, index) => sequences[0]! + index));
  expect(events.map(({ event }) => event.type)).toEqual(
    expect.arrayContaining(['workerForked', 'reloadStarted', 'workerExited', 'reloadFinished']),
  );
  expect(workers.map(({ generation }) => generation)).toEqual([1, 1]);
  expect(done).toMatchObject({ generation: 1, replaced: 2, wanted: 2 });
  expect(history.length).toBeGreaterThan(1);
});
