import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobStatus } from '../../src/schedule/index.js';
import { APPLICATION_BACKENDS } from '../support/application-backends.js';
import { Application, type Note } from '../support/application.js';

const WORKERS = 3;
/** What the tests do to the workers, and what `cron` says on a busy machine. */
const EXPECTED = /terminated by SIGKILL|Missed execution deadline by .* Executing immediately/;

const TICK = 'AppModule.Jobs.tick';

/** The second of the last note. */
const lastSecond = (notes: readonly Note[]): unknown => notes.at(-1)?.['second'];

describe.concurrent.each(APPLICATION_BACKENDS)(
  'scheduled jobs of several workers, over %s',
  (_, env) => {
    let app: Application;

    beforeAll(async () => {
      app = await Application.ready('schedule/main', {
        env: { CLUSTER_WORKERS: String(WORKERS), ...env() },
      });
    });

    afterAll(async () => {
      app.signal('SIGTERM');
      const { code } = await app.exited;
      const unhandled = app.noted('unhandled');
      await app.end();
      const output = app.stderr.split('\n').filter(line => line && !EXPECTED.test(line));
      expect({ code, unhandled, output }).toEqual({ code: 0, unhandled: [], output: [] });
    });

    /** The notes that follow. */
    const since = (what: string): (() => Note[]) => {
      const before = app.noted(what).length;
      return () => app.noted(what).slice(before);
    };

    const post = (path: string): Promise<Response> => fetch(app.url(path), { method: 'POST' });

    const jobs = async (): Promise<JobStatus[]> =>
      (await (await fetch(app.url('/jobs'))).json()) as JobStatus[];

    const job = async (name: string): Promise<JobStatus | undefined> =>
      (await jobs()).find(each => each.name === name);

    it.sequential('run once at each tick, also when workers are killed and replaced', async () => {
      const ticks = since('tick');
      const dynamic = since('dynamic');
      // Both jobs have run: the one that a killed worker is about to run is lost.
      await app.until(() => ticks().length >= 2 && lastSecond(ticks()) === lastSecond(dynamic()));
      process.kill(ticks().at(-1)!.pid, 'SIGKILL');
      const replaced = app.count('workerReady');
      await app.until(() => app.count('workerReady') > replaced);
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') === 1);
      const after = ticks().length;
      await app.until(() => ticks().length >= after + 2 && dynamic().length >= after + 2);
      for (const notes of [ticks(), dynamic()]) {
        const all = seconds(notes);
        expect(all).toEqual(consecutive(all));
      }
      const tokens = ticks().map(({ token }) => token as number);
      expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    });

    it.sequential('do not overlap, and are not cut off by a reload', async () => {
      const before = app.count('reloadFinished');
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') > before);
      const ends = since('slow ends');
      await app.until(() => ends().length >= 1);
      const notes = app.notes.filter(({ what }) => what.startsWith('slow'));
      // Those of the killed worker may be missing.
      const killed = new Set(
        app
          .of('workerExited')
          .filter(({ signal }) => signal === 'SIGKILL')
          .map(({ pid }) => pid),
      );
      const runs = notes.filter(({ pid }) => !killed.has(pid)).map(({ what }) => what);
      expect(runs.slice(0, runs.length - (runs.length % 2))).toEqual(
        runs
          .slice(0, runs.length - (runs.length % 2))
          .map((__, index) => (index % 2 ? 'slow ends' : 'slow begins')),
      );
      expect(notes.filter(({ aborted }) => aborted === true)).toEqual([]);
    });

    it.sequential('run in each worker if they should', async () => {
      const notes = since('everywhere');
      await app.until(() => new Set(notes().map(({ slot }) => slot)).size === WORKERS);
      expect(notes().every(({ slot }) => typeof slot === 'number')).toBe(true);
    });

    it.sequential('keep the time of a worker that was blocked across a tick', async () => {
      const ticks = since('tick');
      await app.until(() => ticks().length >= 1);
      await post('/block?ms=2500');
      const after = ticks().length;
      await app.until(() => ticks().length >= after + 2);
      const all = seconds(ticks());
      expect(new Set(all).size).toBe(all.length);
    });

    it.sequential('have intervals that follow a leader, and timeouts that run once', async () => {
      const beats = since('beat');
      await app.until(() => beats().length >= 3);
      const leaders = new Set(beats().map(({ pid }) => pid));
      expect(leaders.size).toBe(1);
      const leader = beats()[0]!.pid;
      process.kill(leader, 'SIGKILL');
      await app.until(() => beats().some(({ pid }) => pid !== leader));
      expect(app.noted('timeout')).toHaveLength(1);
    });

    it.sequential('run again elsewhere if they are important and their worker dies', async () => {
      const begins = since('important begins');
      const ends = since('important ends');
      await app.until(() => begins().length >= 1);
      const { pid, at } = begins().at(-1)!;
      process.kill(pid, 'SIGKILL');
      await app.until(() => ends().some(note => note['at'] === at));
      const runs = begins().filter(note => note['at'] === at);
      expect(runs).toHaveLength(2);
      expect(runs[1]!.pid).not.toBe(pid);
      await app.until(() => ends().some(note => (note['at'] as number) > (at as number)));
      expect(ends().filter(note => note['at'] === at)).toHaveLength(1);
    });

    it.sequential(
      'are listed with their last and next runs, paused, resumed, and run now',
      async () => {
        await app.until(() => app.noted('tick').length > 0);
        const listed = await jobs();
        expect(listed.map(({ name, kind, run }) => [name, kind, run])).toEqual(
          expect.arrayContaining([
            [TICK, 'cron', 'once'],
            ['slow', 'cron', 'once'],
            ['AppModule.Jobs.everywhere', 'cron', 'each'],
            ['important', 'cron', 'once'],
            ['AppModule.Jobs.beat', 'interval', 'once'],
            ['AppModule.Jobs.migrate', 'timeout', 'once'],
            ['dynamic', 'cron', 'once'],
          ]),
        );
        expect(await job(TICK)).toMatchObject({ isPaused: false, lastRun: { result: 'done' } });
        expect((await job(TICK))!.nextRun).toBeGreaterThan(Date.now() - 1_000);

        expect((await post(`/pause?name=${TICK}`)).status).toBe(201);
        expect(await job(TICK)).toMatchObject({ isPaused: true });
        const dynamic = since('dynamic');
        await app.until(() => dynamic().length >= 1);
        const ticks = since('tick');
        await app.until(() => dynamic().length >= 3);
        expect(ticks()).toEqual([]);
        expect(await (await post(`/run?name=${TICK}`)).json()).toEqual({ ran: false });
        expect((await post(`/resume?name=${TICK}`)).status).toBe(201);
        await app.until(() => ticks().length >= 1);
        // A job that is not due meanwhile, so that nothing else runs it.
        const timeouts = since('timeout');
        const run = await post('/run?name=AppModule.Jobs.migrate');
        expect(await run.json()).toEqual({ ran: true });
        await app.until(() => timeouts().length >= 1);
      },
    );
  },
);

const seconds = (notes: readonly Note[]): number[] =>
  notes.map(({ second }) => second as number).toSorted((a, b) => a - b);

/** The seconds from the first to the last one, each once. */
const consecutive = (all: readonly number[]): number[] =>
  Array.from({ length: (all.at(-1) ?? 0) - (all[0] ?? 0) + 1 }, (__, index) => all[0]! + index);
