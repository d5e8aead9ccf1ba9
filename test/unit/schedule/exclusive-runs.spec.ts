import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lifecycle } from '../../../src/runtime/lifecycle.js';
import { CronInstants } from '../../../src/schedule/cron-instants.js';
import { ExclusiveRuns } from '../../../src/schedule/exclusive-runs.js';
import type { Job } from '../../../src/schedule/job.js';
import { JobKeys } from '../../../src/schedule/job-keys.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { Locks } from '../../../src/state/objects/locks.js';
import { deferred } from '../../../src/system/async/deferred.js';
import { jobState } from '../../support/fakes/job-state.js';
import { OutageExecutor } from '../../support/fakes/outage-executor.js';

const TIMEOUT = 100;

let executor: OutageExecutor;
let client: StateClient;
let runs: ExclusiveRuns;

function job(call: Job['call']): Job {
  return {
    name: 'clean',
    kind: 'cron',
    run: 'once',
    overlap: 'skip',
    onLoss: 'skip',
    cron: () => undefined,
    instants: new CronInstants(),
    call,
  };
}

const due = (each: Job, id = '1') => ({
  job: each,
  occurrence: { id, at: 1_000, ttl: 1_000 },
  args: [],
});

beforeEach(() => {
  executor = new OutageExecutor();
  client = new StateClient(executor, TIMEOUT, 0);
  const locks = new Locks(client, () => Promise.resolve());
  client.onClose(() => locks.close());
  runs = new ExclusiveRuns(
    jobState(client, locks),
    new JobKeys(),
    {
      lifecycle: { drainSignal: new AbortController().signal, timeLeft: 0 } as Lifecycle,
      worker: { id: 1, slot: 0, pid: 1, generation: 0 },
    },
    { warn: () => {} },
  );
});

afterEach(() => client.close());

describe('a run', () => {
  // The retry begins 250 ms after a failure: the outages end before, during and after it.
  it.each([1.5, 3, 4.5, 8])(
    'begins once if the answer to the request for its lock was lost, after %s timeouts',
    async timeouts => {
      let count = 0;
      executor.mute();
      const attempt = runs.attempt(due(job(() => count++)));
      await delay(timeouts * TIMEOUT);
      executor.restore();
      expect(await attempt).toEqual({ outcome: 'ran' });
      expect(count).toBe(1);
      expect(await runs.attempt(due(job(() => count++)))).toEqual({ outcome: 'ran' });
    },
  );

  it('begins if the lock of the run before could not be released in time', async () => {
    const end = deferred();
    const begun = deferred();
    const first = runs.attempt(
      due(
        job(() => {
          begun.resolve();
          return end.promise;
        }),
      ),
    );
    await begun.promise;
    executor.disconnect();
    end.resolve();
    expect(await first).toEqual({ outcome: 'ran' });
    const second = runs.attempt(
      due(
        job(() => {}),
        '2',
      ),
    );
    await delay(TIMEOUT);
    executor.restore();
    expect(await second).toEqual({ outcome: 'ran' });
  });

  it('is skipped while another one goes on', async () => {
    const end = deferred();
    const begun = deferred();
    const slow = job(() => {
      begun.resolve();
      return end.promise;
    });
    const first = runs.attempt(due(slow));
    await begun.promise;
    expect(await runs.attempt(due(slow, '2'))).toEqual({ outcome: 'skipped' });
    end.resolve();
    expect(await first).toEqual({ outcome: 'ran' });
  });
});
