import { describe, expect, it } from 'vitest';
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check';
import { RECOVERY_MILLISECONDS } from '../../../../src/system/time/deadline-timer.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import type { MemoryBackend as Memory } from '../../../../src/state/backends/memory/memory-backend.js';
import { MemoryBackend } from '../../../../src/state/backends/memory/memory-backend.js';
import type { Recollection } from '../../../../src/state/recollection.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import type {
  Batch,
  ExecutorObserver,
  KeyPage,
  Outcome,
  StateExecutor,
} from '../../../../src/state/state-executor.interface.js';
import { block } from '../../../fixtures/apps/block.js';

const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const sleep = (milliseconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds));

/** What a backend makes of one attempt. */
type Whim =
  | 'carries it out'
  | 'carries it out and does not answer'
  | 'does not answer'
  | 'carries it out and the answer is lost'
  | 'does not get it and nobody knows'
  | 'refuses it'
  | 'returns it'
  | 'throws';

interface Attempt {
  readonly whim: Whim;
  /** Milliseconds until there is an answer; without any, it is there at once. */
  readonly after: number | undefined;
}

/** A memory that is reached over a line on which anything may happen. */
class MoodyExecutor implements StateExecutor {
  readonly memory: Memory = new MemoryBackend(() => {});
  unavailableSince: number | undefined;
  #observer: ExecutorObserver | undefined;
  #attempts = 0;

  constructor(private readonly attempts: readonly Attempt[]) {}

  open(_client: string, observer: ExecutorObserver): void {
    this.#observer = observer;
  }

  partitionOf(): number {
    return 0;
  }

  scan(prefix: string, cursor: string): Promise<KeyPage> {
    return Promise.resolve(this.memory.scan(prefix, cursor));
  }

  async execute(batch: Batch): Promise<Outcome> {
    const { whim, after } = this.attempts[this.#attempts++ % this.attempts.length]!;
    if (whim === 'throws') {
      throw new Error('a bug');
    }
    if (after !== undefined) {
      await sleep(after);
    }
    return this.#outcomes(batch)[whim]();
  }

  #outcomes(batch: Batch): Record<Exclude<Whim, 'throws'>, () => Outcome | Promise<Outcome>> {
    const carryOut = (): Outcome => this.memory.execute(batch);
    return {
      'carries it out': carryOut,
      'carries it out and does not answer': () => {
        carryOut();
        return new Promise(() => {});
      },
      'does not answer': () => new Promise(() => {}),
      'carries it out and the answer is lost': () => {
        carryOut();
        return { type: 'unknown', why: 'the line is dead' };
      },
      'does not get it and nobody knows': () => ({ type: 'unknown', why: 'the line is dead' }),
      'refuses it': () => ({ type: 'refused', why: 'it is loading' }),
      // Only what it has not carried out before may be called so.
      'returns it': () => this.memory.execute({ ...batch, deadline: -1 }),
    };
  }

  /** Sooner or later it answers again. */
  suspect(): void {
    this.goAway(20);
  }

  goAway(milliseconds: number): void {
    if (this.unavailableSince === undefined) {
      this.unavailableSince = monotonicNow();
      setTimeout(() => {
        this.unavailableSince = undefined;
        this.#observer?.onAvailable();
      }, milliseconds);
    }
  }

  listen(): Promise<void> {
    return Promise.resolve();
  }

  time(): number {
    return Math.floor(monotonicNow());
  }

  recall(place: Parameters<Memory['recall']>[0], at: number): Promise<Recollection> {
    return Promise.resolve(this.memory.recall(place, at));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface CallPlan {
  readonly key: 'a' | 'b';
  readonly by: number;
  readonly timeout: number;
  /** What happens right after it. */
  readonly next: 'go on' | 'turn' | 'block' | 'go away' | 'wait';
}

interface Settled {
  readonly plan: CallPlan;
  readonly value?: number;
  readonly code?: string;
  readonly operationId?: string;
  readonly late: number;
}

const attempts = array(
  record<Attempt>({
    whim: oneof(
      { weight: 4, arbitrary: constant<Whim>('carries it out') },
      constantFrom<Whim>(
        'carries it out and does not answer',
        'does not answer',
        'carries it out and the answer is lost',
        'does not get it and nobody knows',
        'refuses it',
        'returns it',
        'throws',
      ),
    ),
    after: constantFrom(undefined, undefined, 0, 3, 30),
  }),
  { minLength: 1, maxLength: 12 },
);

const planned = array(
  record<CallPlan>({
    key: constantFrom('a', 'b'),
    by: integer({ min: 1, max: 5 }),
    timeout: constantFrom(1, 15, 40, 90),
    next: constantFrom('go on', 'go on', 'go on', 'turn', 'block', 'go away', 'wait'),
  }),
  { minLength: 1, maxLength: 30 },
);

const BLOCK_MILLISECONDS = 30;

/** What timers are late by, and the slices of an expiry. */
const MARGIN = 50;

/** A turn of the event loop that takes longer was blocked, by a test or by the machine. */
const LONG_TURN = 3;

/** For how long the event loop was blocked, in milliseconds. */
class BlockWatch {
  blocked = 0;
  #timer: NodeJS.Timeout;

  constructor() {
    let before = monotonicNow();
    const look = (): void => {
      const now = monotonicNow();
      this.blocked += now - before > LONG_TURN ? now - before : 0;
      before = now;
      this.#timer = setTimeout(look, 1);
    };
    this.#timer = setTimeout(look, 1);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

interface Story {
  readonly moods: readonly Attempt[];
  readonly plans: readonly CallPlan[];
}

/** They wait at the same time. A block of one delays them all. */
const stories = array(record<Story>({ moods: attempts, plans: planned }), {
  minLength: 5,
  maxLength: 5,
});

describe('calls on a backend on which no reliance can be placed', () => {
  it('settle once each, in time, and tell the truth', async () => {
    await assert(
      asyncProperty(stories, async all => {
        await Promise.all(all.map(play));
      }),
      { numRuns: 5, interruptAfterTimeLimit: 6_000 },
    );
  });
});

async function play({ moods, plans }: Story): Promise<void> {
  const executor = new MoodyExecutor(moods);
  const client = new StateClient(executor, 60, 0);
  const settled: Promise<Settled>[] = [];
  const watch = new BlockWatch();
  for (const plan of plans) {
    const { key, by, timeout } = plan;
    const deadline = monotonicNow() + timeout;
    let times = 0;
    const call = client.run(
      { name: 'increment', key, runs: [[by, 1]], ...bounds },
      value => {
        expect(++times).toBe(1);
        return value as number;
      },
      { timeout },
    );
    settled.push(
      call.then(
        value => ({ plan, value, late: monotonicNow() - deadline }),
        ({ code, operationId }: { code: string; operationId?: string }) => ({
          plan,
          code,
          late: monotonicNow() - deadline,
          ...(operationId !== undefined && { operationId }),
        }),
      ),
    );
    switch (plan.next) {
      case 'turn':
        await new Promise(resolve => setImmediate(resolve));
        break;
      case 'block':
        block(BLOCK_MILLISECONDS);
        break;
      case 'go away':
        executor.goAway(15);
        break;
      case 'wait':
        await sleep(5);
        break;
      case 'go on':
        break;
    }
  }
  const all = await Promise.all(settled);
  // What is under way comes to its end.
  await sleep(60);
  watch.stop();
  for (const { late } of all) {
    expect(late).toBeLessThan(watch.blocked + RECOVERY_MILLISECONDS + MARGIN);
  }
  for (const key of ['a', 'b'] as const) {
    await judge(
      executor,
      client,
      all.filter(({ plan }) => plan.key === key),
      key,
    );
  }
  await client.close();
}

/** Whether what callers were told adds up to what is there. */
async function judge(
  executor: MoodyExecutor,
  client: StateClient,
  calls: readonly Settled[],
  key: string,
): Promise<void> {
  const applied = calls.filter(({ code }) => code === undefined);
  let sum = applied.reduce((total, { plan }) => total + plan.by, 0);
  const values = applied.map(({ value, plan }) => ({ value: value!, by: plan.by }));
  for (const { code, operationId, plan } of calls) {
    if (code !== undefined) {
      expect(['CLUSTER_STATE_UNAVAILABLE', 'CLUSTER_STATE_AMBIGUOUS']).toContain(code);
    }
    if (operationId !== undefined) {
      executor.unavailableSince = undefined;
      const outcome = await client.resolve(operationId);
      expect(outcome.status).not.toBe('forgotten');
      if (outcome.status === 'applied') {
        sum += plan.by;
        values.push({ value: outcome.value as number, by: plan.by });
      }
    }
  }
  const outcome = executor.memory.execute({
    partition: 0,
    lane: `judge-${key}`,
    sequence: 1,
    deadline: Infinity,
    replicas: 0,
    operations: [{ name: 'get', key }],
  });
  const [text] = outcome.type === 'applied' ? outcome.results : [];
  expect(Number(text ?? 0)).toBe(sum);
  // Each has its own step on the way from nothing to there.
  const steps = values.toSorted((one, other) => one.value - other.value);
  let before = 0;
  for (const { value, by } of steps) {
    expect(value - by).toBe(before);
    before = value;
  }
}
