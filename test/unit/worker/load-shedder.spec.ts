import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Deferred, deferred } from '../../../src/system/async/deferred.js';
import { EventLoopSampler } from '../../../src/runtime/vitals/event-loop-sampler.js';
import { LoadShedder } from '../../../src/worker/load-shedder.js';
import { block } from '../../fixtures/apps/block.js';
import { eventually } from '../../support/eventually.js';
import { settle } from '../../support/fakes/fake-clock.js';

class FakeDoors {
  areOpen = true;
  /** How often it fails to open. */
  failures = 0;
  readonly listens: Deferred = deferred();

  close(): void {
    this.areOpen = false;
  }

  async open(): Promise<void> {
    if (this.failures-- > 0) {
      throw new Error('listen EADDRINUSE');
    }
    await this.listens.promise;
    this.areOpen = true;
  }
}

let pausableServers: FakeDoors;
let answer: Deferred<boolean>;
let asked: number;
let recovered: number;
let warned: string[];
let loadShedder: LoadShedder;

/** Of an event loop that is late all the time. */
const LATE = { lateness: 1_000, listen: () => () => {} } as unknown as EventLoopSampler;

beforeEach(() => {
  pausableServers = new FakeDoors();
  answer = deferred();
  asked = 0;
  recovered = 0;
  warned = [];
});

function watch(sampler: EventLoopSampler): void {
  loadShedder = new LoadShedder(
    100,
    sampler,
    pausableServers,
    {
      overloaded: () => {
        asked++;
        return answer.promise;
      },
      recovered: () => recovered++,
    },
    { warn: (text: string) => warned.push(text) },
  );
}

afterEach(() => {
  loadShedder.stop();
  vi.useRealTimers();
});

/** The load shedder looks at an event loop that is late. */
function becomesLate(): void {
  vi.useFakeTimers();
  watch(LATE);
  vi.advanceTimersByTime(250);
  vi.useRealTimers();
  expect(asked).toBe(1);
}

/** Keeps the event loop busy until the load shedder has noticed. */
async function untilAsked(): Promise<void> {
  watch(new EventLoopSampler());
  await eventually(
    () => {
      block(300);
      return asked > 0;
    },
    5_000,
    () => 'It does not ask',
  );
}

/** To what has been asked, not to what it asks next. */
function reply(mayClose: boolean): void {
  const asks = answer;
  answer = deferred();
  asks.resolve(mayClose);
}

describe('LoadShedder', () => {
  it('closes when it may, opens when it has recovered, and says so when it listens', async () => {
    await untilAsked();
    expect(pausableServers.areOpen).toBe(true);
    reply(true);
    await settle();
    expect(pausableServers.areOpen).toBe(false);
    pausableServers.listens.resolve();
    await eventually(
      () => recovered === 1,
      5_000,
      () => 'It does not open',
    );
    expect(pausableServers.areOpen).toBe(true);
  });

  it('stays open where it may not close', async () => {
    becomesLate();
    reply(false);
    await settle();
    expect(pausableServers.areOpen).toBe(true);
    expect(recovered).toBe(0);
  });

  it('opens once for two who tell it to, and tells when it listens', async () => {
    becomesLate();
    reply(true);
    await settle();
    loadShedder.open();
    loadShedder.open();
    await settle();
    expect(recovered).toBe(0);
    pausableServers.listens.resolve();
    await settle();
    expect(recovered).toBe(1);
  });

  it('stays open if the permission is taken back before it has been read', async () => {
    becomesLate();
    reply(true);
    loadShedder.open();
    await settle();
    expect(pausableServers.areOpen).toBe(true);
    expect(recovered).toBe(1);
  });

  it('tries again later and later as long as it cannot listen', async () => {
    becomesLate();
    reply(true);
    await settle();
    pausableServers.failures = 2;
    pausableServers.listens.resolve();
    loadShedder.open();
    await eventually(
      () => recovered === 1,
      5_000,
      () => 'It does not open',
    );
    expect(pausableServers.areOpen).toBe(true);
    expect(warned).toEqual([
      expect.stringContaining('in 100 ms: listen EADDRINUSE'),
      expect.stringContaining('in 200 ms'),
    ]);
  });

  it('leaves the pausableServers alone once it is stopped', async () => {
    becomesLate();
    loadShedder.stop();
    reply(true);
    await settle();
    loadShedder.open();
    await settle();
    expect(pausableServers.areOpen).toBe(true);
    expect(recovered).toBe(0);
  });
});
