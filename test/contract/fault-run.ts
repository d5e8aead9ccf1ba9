import { Application, type Note } from '../support/application.js';

export const KINDS = ['counter', 'bounded', 'lock', 'update'] as const;

export type Kind = (typeof KINDS)[number];

/** The violations among all calls of one kind. */
export interface Verdict {
  /** Acknowledged, and missing at the end. */
  missing: number;
  /** Applied more than once; for a lock, held by two at a time. */
  twice: number;
  /** Neither resolved nor rejected. */
  unsettled: number;
  /** The number of acknowledged calls. */
  readonly acknowledged: number;
  readonly unavailable: number;
  readonly ambiguous: number;
}

const BUSY = 40;

/** A load of calls of all kinds from two workers, during a fault. */
export class FaultRun {
  static async start(env: Readonly<Record<string, string>>): Promise<FaultRun> {
    const app = await Application.ready('state/load', { env: { CLUSTER_WORKERS: '2', ...env } });
    const run = new FaultRun(app);
    await run.untilBusy();
    return run;
  }

  private constructor(readonly app: Application) {}

  /** Resolves when each running worker has completed further calls of each kind. */
  async untilBusy(): Promise<void> {
    const from = this.app.notes.length;
    const pids = this.workers;
    await this.app.until(() => {
      const recent = this.app.notes.slice(from);
      return pids.every(pid =>
        KINDS.every(
          kind => recent.filter(isEnd(pid, kind)).length >= (kind === 'counter' ? BUSY : 3),
        ),
      );
    }, 40_000);
  }

  /** The process ids of the running workers. */
  get workers(): number[] {
    const gone = new Set(this.app.of('workerExited').map(({ pid }) => pid));
    return this.app.of('workerReady').flatMap(({ pid }) => (gone.has(pid) ? [] : [pid]));
  }

  /** Ends the load, and compares the acknowledged calls with the state. */
  async verdicts(): Promise<Record<Kind, Verdict>> {
    const unsettled = await this.#stop();
    const response = await fetch(this.app.url('/final'));
    const final = (await response.json()) as { counter: number; bounded: number; update: string[] };
    const verdicts = {
      counter: await this.#ofCounter('counter', final.counter),
      bounded: await this.#ofCounter('bounded', final.bounded),
      lock: this.#ofLock(),
      update: this.#ofUpdates(final.update),
    };
    for (const verdict of Object.values(verdicts)) {
      verdict.unsettled = unsettled;
    }
    return verdicts;
  }

  async #stop(): Promise<number> {
    const answers = new Map<number, number>();
    while (!this.workers.every(pid => answers.has(pid))) {
      const response = await fetch(this.app.url('/stop'), { method: 'POST' });
      const { pid, unsettled } = (await response.json()) as { pid: number; unsettled: number };
      answers.set(pid, unsettled);
    }
    return [...answers.values()].reduce((sum, count) => sum + count, 0);
  }

  #done(kind: Kind): Note[] {
    return this.app.noted('done').filter(note => note['kind'] === kind);
  }

  #verdict(kind: Kind): Verdict {
    const failed = this.app.noted('failed').filter(note => note['kind'] === kind);
    return {
      missing: 0,
      twice: 0,
      unsettled: 0,
      acknowledged: this.#done(kind).length,
      unavailable: failed.filter(({ code }) => code === 'CLUSTER_STATE_UNAVAILABLE').length,
      ambiguous: failed.filter(({ id }) => id !== null).length,
    };
  }

  /**
   * All acknowledged values must differ, and their number must be the value of the counter. Only increments of a killed
   * worker may be missing from the acknowledged ones.
   */
  async #ofCounter(kind: 'counter' | 'bounded', final: number): Promise<Verdict> {
    const verdict = this.#verdict(kind);
    const values = this.#done(kind).map(({ value }) => value as number);
    const resolved = await this.#resolve(kind);
    const known = values.length + resolved.applied.length;
    const distinct = new Set([...values, ...resolved.applied]);
    const untold = final - known;
    return {
      ...verdict,
      missing: Math.max(0, -untold) + values.filter(value => value > final).length,
      twice: known - distinct.size + Math.max(0, untold - this.#killedWith(kind)),
    };
  }

  /** Refused calls must not be applied. */
  #ofUpdates(final: readonly string[]): Verdict {
    const ids = new Set(final);
    const done = this.#done('update').map(({ value }) => value as string);
    const refused = this.app
      .noted('failed')
      .filter(note => note['kind'] === 'update' && note['id'] === null)
      .map(({ call }) => call as string);
    return {
      ...this.#verdict('update'),
      missing: done.filter(id => !ids.has(id)).length,
      twice: final.length - ids.size + refused.filter(id => ids.has(id)).length,
    };
  }

  #ofLock(): Verdict {
    const held = this.#done('lock')
      .map(({ value }) => value as { token: number; entered: number; left: number })
      .toSorted((a, b) => a.entered - b.entered);
    const pairs = held.slice(1).map((next, index) => [held[index]!, next] as const);
    return {
      ...this.#verdict('lock'),
      missing: pairs.filter(([last, next]) => next.token <= last.token).length,
      twice: pairs.filter(([last, next]) => next.entered < last.left).length,
    };
  }

  /** The outcomes of the ambiguous calls. */
  async #resolve(kind: Kind): Promise<{ applied: number[] }> {
    const ids = this.app
      .noted('failed')
      .filter(note => note['kind'] === kind && note['id'] !== null)
      .map(({ id }) => id);
    const response = await fetch(this.app.url('/resolve'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(ids),
    });
    const outcomes = (await response.json()) as { status: string; value?: number }[];
    const forgotten = outcomes.filter(({ status }) => status === 'forgotten').length;
    if (!response.ok || forgotten > 0) {
      throw new Error(`${forgotten} of ${ids.length} were forgotten: ${JSON.stringify(outcomes)}`);
    }
    return { applied: outcomes.flatMap(({ value }) => value ?? []) };
  }

  /** The number of pending calls of workers that have ended. Their outcome is unknown. */
  #killedWith(kind: Kind): number {
    const gone = new Set(this.app.of('workerExited').map(({ pid }) => pid));
    const ofGone = (what: string): number =>
      this.app.noted(what).filter(note => gone.has(note.pid) && note['kind'] === kind).length;
    return ofGone('asked') - ofGone('done') - ofGone('failed');
  }
}

/** Matches calls of this worker and kind that succeeded, or that a bounded counter refused at its bound. */
function isEnd(pid: number, kind: Kind) {
  return (note: Note): boolean =>
    note.pid === pid &&
    note['kind'] === kind &&
    (note.what === 'done' || note['code'] === 'CLUSTER_COUNTER_RANGE');
}
