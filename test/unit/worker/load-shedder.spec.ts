import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Deferred, deferred } from '../../../src/system/async/deferred.js';
import { EventLoopSampler } from '../../../src/runtime/vitals/event-loop-sampler.js';
import { OverloadValve } from '../../../src/worker/load-shedder.js';
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

let doors: FakeDoors;
let answer: Deferred<boolean>;
let asked: number;
let recovered: number;
let warned: string[];
let valve: OverloadValve;

beforeEach(() => {
  doors = new FakeDoors();
  answer = deferred();
  asked = 0;
  recovered = 0;
  warned = [];
  valve = new OverloadValve(
    100,
    new EventLoopSampler(),
    doors,
    {
      overloaded: () => {
        asked++;
        return answer.promise;
      },
      recovered: () => recovered++,
    },
    { warn: (text: string) => warned.push(text) },
  );
});

afterEach(() => valve.stop());

/** Keeps the event loop busy until the valve has noticed. */
async function untilAsked(): Promise<void> {
  await eventually(
    () => {
      const end = performance.now() + 300;
      while (performance.now() < end);
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

describe('OverloadValve', () => {
  it('closes when it may, opens when it has recovered, and says so when it listens', async () => {
    await untilAsked();
    expect(doors.areOpen).toBe(true);
    reply(true);
    await settle();
    expect(doors.areOpen).toBe(false);
    doors.listens.resolve();
    await eventually(
      () => recovered === 1,
      5_000,
      () => 'It does not open',
    );
    expect(doors.areOpen).toBe(true);
  });

  it('stays open where it may not close', async () => {
    await untilAsked();
    reply(false);
    await settle();
    expect(doors.areOpen).toBe(true);
    expect(recovered).toBe(0);
  });

  it('opens once for two who tell it to, and tells when it listens', async () => {
    await untilAsked();
    reply(true);
    await settle();
    valve.open();
    valve.open();
    await settle();
    expect(recovered).toBe(0);
    doors.listens.resolve();
    await settle();
    expect(recovered).toBe(1);
  });

  it('stays open if the permission is taken back before it has been read', async () => {
    await untilAsked();
    reply(true);
    valve.open();
    await settle();
    expect(doors.areOpen).toBe(true);
    expect(recovered).toBe(1);
  });

  it('tries again later and later as long as it cannot listen', async () => {
    await untilAsked();
    reply(true);
    await settle();
    doors.failures = 2;
    doors.listens.resolve();
    valve.open();
    await eventually(
      () => recovered === 1,
      5_000,
      () => 'It does not open',
    );
    expect(doors.areOpen).toBe(true);
    expect(warned).toEqual([
      expect.stringContaining('in 100 ms: listen EADDRINUSE'),
      expect.stringContaining('in 200 ms'),
    ]);
  });

  it('leaves the doors alone once it is stopped', async () => {
    await untilAsked();
    valve.stop();
    reply(true);
    await settle();
    valve.open();
    await settle();
    expect(doors.areOpen).toBe(true);
    expect(recovered).toBe(0);
  });
});
