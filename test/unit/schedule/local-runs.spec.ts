import { beforeEach, describe, expect, it } from 'vitest';
import type { Lifecycle } from '../../../src/runtime/lifecycle.js';
import { CronInstants } from '../../../src/schedule/cron-instants.js';
import type { DueRun, Failure, Job } from '../../../src/schedule/job.js';
import { LocalRuns } from '../../../src/schedule/local-runs.js';
import { deferred } from '../../../src/system/async/deferred.js';

const OCCURRENCE = { id: '1', at: 1_000, ttl: 1_000 };

const due = (each: Job): DueRun => ({ job: each, occurrence: OCCURRENCE, args: [] });

let drain: AbortController;
let runs: LocalRuns;

function job(call: Job['call'], overlap: Job['overlap'] = 'skip'): Job {
  return {
    name: 'clean',
    kind: 'cron',
    run: 'once',
    overlap,
    onLoss: 'skip',
    cron: () => undefined,
    instants: new CronInstants(),
    call,
  };
}

beforeEach(() => {
  drain = new AbortController();
  runs = new LocalRuns({
    lifecycle: { drainSignal: drain.signal, timeLeft: 0 } as Lifecycle,
    worker: { id: 1, slot: 0, pid: 1, generation: 0 },
  });
});

describe('LocalRuns', () => {
  it('runs a job in the same turn, and tells how it ended', () => {
    const called: string[] = [];
    const ok = job(() => called.push('ok'));
    const bad = job(() => {
      throw new Error('no');
    });
    const failures: (Failure | undefined)[] = [];
    void runs.attempt({ ...due(ok), onEnd: failure => failures.push(failure) });
    void runs.attempt({ ...due(bad), onEnd: failure => failures.push(failure) });
    expect(called).toEqual(['ok']);
    expect(failures).toEqual([undefined, { error: new Error('no') }]);
  });

  it('skips a run while another one goes on', async () => {
    const end = deferred();
    const slow = job(() => end.promise);
    const first = runs.attempt(due(slow));
    expect(await runs.attempt(due(slow))).toEqual({ outcome: 'skipped' });
    end.resolve();
    expect(await first).toEqual({ outcome: 'ran' });
    expect(await runs.attempt(due(slow))).toEqual({ outcome: 'ran' });
  });

  it('skips a run while a job with the same name goes on, which was deleted', async () => {
    const end = deferred();
    const first = runs.attempt(due(job(() => end.promise)));
    expect(await runs.attempt(due(job(() => {})))).toEqual({ outcome: 'skipped' });
    end.resolve();
    expect(await first).toEqual({ outcome: 'ran' });
  });

  it('lets runs overlap', async () => {
    const end = deferred();
    let going = 0;
    const slow = job(() => {
      going++;
      return end.promise;
    }, 'allow');
    const both = [runs.attempt(due(slow)), runs.attempt(due(slow))];
    expect(going).toBe(2);
    end.resolve();
    expect(await Promise.all(both)).toEqual([{ outcome: 'ran' }, { outcome: 'ran' }]);
  });

  it('lets one run wait for the one that goes on', async () => {
    const ends = [deferred(), deferred()];
    let begun = 0;
    const slow = job(() => ends[begun++]!.promise, 'queue');
    const first = runs.attempt(due(slow));
    const second = runs.attempt(due(slow));
    expect(await runs.attempt(due(slow))).toEqual({ outcome: 'skipped' });
    expect(begun).toBe(1);
    ends.forEach(end => end.resolve());
    expect(await Promise.all([first, second])).toEqual([{ outcome: 'ran' }, { outcome: 'ran' }]);
    expect(begun).toBe(2);
  });

  it('does not begin a waiting run in a drain', async () => {
    const end = deferred();
    const slow = job(() => end.promise, 'queue');
    const first = runs.attempt(due(slow));
    const second = runs.attempt(due(slow));
    drain.abort();
    expect(await second).toEqual({ outcome: 'left' });
    end.resolve();
    expect(await first).toEqual({ outcome: 'ran' });
  });

  it('skips a paused job, and knows its last run', async () => {
    const fine = job(() => undefined);
    await runs.pause('clean');
    expect([...(await runs.paused())]).toEqual(['clean']);
    expect(await runs.attempt(due(fine))).toEqual({ outcome: 'skipped' });
    expect((await runs.lastRuns()).size).toBe(0);
    expect(await runs.resume('clean')).toBe(true);
    expect(await runs.resume('clean')).toBe(false);
    await runs.attempt(due(fine));
    expect((await runs.lastRuns()).get('clean')).toMatchObject({
      result: 'done',
      worker: { pid: 1 },
    });
  });

  it('gives each run a higher token', async () => {
    const tokens: number[] = [];
    const noted = job(context => tokens.push((context as { token: number }).token));
    await runs.attempt(due(noted));
    await runs.attempt(due(noted));
    expect(tokens[1]).toBeGreaterThan(tokens[0]!);
  });
});
