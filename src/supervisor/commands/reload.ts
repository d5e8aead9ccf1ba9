import { setMaxListeners } from 'node:events';
import type { ReloadResult, WorkerExitReason } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import { type Deferred, deferred } from '../../system/async/deferred.js';
import type { Dismiss } from '../workers/dismissal.js';
import type { Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import { answersAreOut } from './answers-are-out.js';
import { inLanes } from './in-lanes.js';
import { Replacement } from './replacement.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** The dependencies of a reload. @internal */
export interface ReloadDependencies {
  readonly options: { readonly maxSurge: number; readonly soak: number };
  readonly workforce: Workforce;
  readonly clock: Clock;
  /** Makes a replaced worker drain, or a replacement that is not wanted any more. */
  readonly dismiss: Dismiss;
}

/**
 * Replaces all workers, each new worker before its predecessor drains. The first replacement is the canary: no other
 * worker is replaced, and its predecessor does not drain, until it has booted and stayed healthy for the soak.
 *
 * Workers that requested the reload wait for its answer. They are replaced last, and together: when the answer is
 * sent, all replacements are ready, and no waiting worker has been told to drain.
 *
 * @internal
 */
export class Reload {
  readonly #callers = new Set<WorkerHandle>();
  readonly #failed = new AbortController();
  readonly #replacements: Replacement[] = [];
  readonly #ready: Deferred<ReloadResult> = deferred();
  #isReady = false;
  /** Whether the canary is healthy. */
  #isRolling = false;

  constructor(
    readonly generation: number,
    private readonly deps: ReloadDependencies,
  ) {
    // There may be no caller.
    this.#ready.promise.catch(() => {});
  }

  /** Resolves when every replacement is ready; rejects if the reload fails. */
  get ready(): Promise<ReloadResult> {
    return this.#ready.promise;
  }

  /** What it does at the moment. */
  get phase(): 'canary' | 'soak' | 'rolling' {
    if (this.#isRolling) {
      return 'rolling';
    }
    // After a signal from outside, the slot of the canary has got another one.
    const isObserved = this.deps.options.soak > 0 && this.#replacements.at(-1)?.worker.hasBooted;
    return isObserved ? 'soak' : 'canary';
  }

  /** The number of slots whose worker serves in the new generation. */
  get replaced(): number {
    return this.deps.workforce.slots.filter(slot => this.#isDone(slot)).length;
  }

  /** Adds a worker that waits for the answer. */
  addCaller(worker: WorkerHandle): void {
    this.#callers.add(worker);
  }

  /** Resolves when the last worker of the previous generation has exited. */
  async run(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, this.#failed.signal]);
    // There are as many listeners as running replacements.
    setMaxListeners(0, signal);
    try {
      await this.#replaceAll(signal);
    } catch (error) {
      const backTaken = this.#replacements.map(replacement => replacement.rollback(stop));
      await Promise.allSettled(backTaken);
      throw error;
    }
  }

  /** Rejects the answer, unless it has been given. */
  reject(error: Error): void {
    this.#ready.reject(error);
  }

  /** Notes that a worker has exited, and aborts the reload if the new code is the cause. */
  onExit(worker: WorkerHandle): void {
    if (!this.#isReady && worker.generation === this.generation && isFaultOfCode(worker)) {
      this.#failed.abort(new WorkerFailedError(worker));
    }
  }

  async #replaceAll(signal: AbortSignal): Promise<void> {
    const { options, workforce, clock } = this.deps;
    const begunAt = clock.now();
    const isCallers = ({ workers }: Slot): boolean => workers.some(one => this.#callers.has(one));
    const [canary, ...others] = workforce.slots.toSorted(
      (one, other) => Number(isCallers(one)) - Number(isCallers(other)),
    );
    const held: Replacement[] = [];
    const settle = async (slot: Slot, replacement: Replacement): Promise<void> => {
      if (isCallers(slot)) {
        held.push(replacement);
      } else {
        await replacement.finish(signal);
      }
    };

    const first = await this.#replace(canary!, signal, options.soak);
    this.#isRolling = true;
    await inLanes(
      [
        () => settle(canary!, first),
        ...others.map(slot => async () => settle(slot, await this.#replace(slot, signal))),
      ],
      options.maxSurge,
    );
    await this.#complete(held, signal);
    this.#isReady = true;
    this.#ready.resolve({ generation: this.generation, duration: clock.now() - begunAt });
    await answersAreOut();
    const alive = held.filter(({ worker }) => worker.exit === undefined);
    await Promise.all(alive.map(replacement => replacement.finish(signal)));
  }

  /** Waits until each slot has a ready worker of the generation: some may have exited meanwhile. */
  async #complete(held: Replacement[], signal: AbortSignal): Promise<void> {
    const { workforce } = this.deps;
    const isLost = ({ current, successor }: Slot): boolean =>
      current !== undefined && !this.#isNew(current) && successor === undefined;
    for (;;) {
      await workforce.changes.untilOrThrow(
        () => workforce.slots.every(slot => this.#isDone(slot) || isLost(slot)),
        signal,
      );
      const lost = workforce.slots.find(isLost);
      if (!lost) {
        return;
      }
      held.push(await this.#replace(lost, signal));
    }
  }

  #isDone({ current, successor }: Slot): boolean {
    return [current, successor].some(worker => worker?.serves && this.#isNew(worker));
  }

  #isNew({ generation }: WorkerHandle): boolean {
    return generation === this.generation;
  }

  async #replace(slot: Slot, signal: AbortSignal, soak?: number): Promise<Replacement> {
    const { workforce, dismiss } = this.deps;
    for (;;) {
      // A worker forked after a stop has begun would not be told to drain.
      signal.throwIfAborted();
      const replacement = new Replacement(slot, workforce, dismiss, {
        sufficient: this.generation,
        ...(soak && { soak }),
      });
      this.#replacements.push(replacement);
      try {
        await replacement.awaitHealthy(signal);
        return replacement;
      } catch (error) {
        // A signal from outside says nothing about the new code, and the slot gets another worker.
        if (signal.aborted || !replacement.worker.ending.leftOnSignal) {
          // Abort the other replacements.
          this.#failed.abort(error);
          throw error;
        }
      }
    }
  }
}

/** Exit reasons that are the fault of the code. */
const FAULTS: ReadonlySet<WorkerExitReason> = new Set(['boot-failed', 'boot-timeout', 'hung']);

/** A signal from outside says nothing about the code. */
function isFaultOfCode({ exit }: WorkerHandle): boolean {
  return (
    exit !== undefined &&
    (FAULTS.has(exit.reason) || (exit.reason === 'crashed' && exit.code !== null))
  );
}
