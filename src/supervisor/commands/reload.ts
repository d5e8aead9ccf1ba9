import { setMaxListeners } from 'node:events';
import type { ReloadResult, WorkerExitReason } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import { type Deferred, deferred } from '../../system/async/deferred.js';
import type { Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import { answersAreOut } from './answers-are-out.js';
import { inLanes } from './in-lanes.js';
import { type Dismiss, Replacement } from './replacement.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** What a reload needs from outside. @internal */
export interface ReloadDependencies {
  readonly options: { readonly maxSurge: number; readonly soak: number };
  readonly workforce: Workforce;
  readonly clock: Clock;
  /** Sends a worker away that has been replaced, or that is not to replace another one. */
  readonly dismiss: Dismiss;
}

/**
 * Replaces all workers, new before old. The first replacement is the canary: it must boot, and stay
 * healthy for the soak, before any other worker is replaced, and before the one that it replaces goes.
 *
 * A worker that has asked for the reload waits for the answer. Such workers go last, and together:
 * when the answer comes, all replacements are ready, and nobody who waits has been told to drain.
 *
 * @internal
 */
export class Reload {
  readonly #callers = new Set<WorkerHandle>();
  readonly #failed = new AbortController();
  readonly #replacements: Replacement[] = [];
  readonly #ready: Deferred<ReloadResult> = deferred();
  #isReady = false;

  constructor(
    readonly generation: number,
    private readonly deps: ReloadDependencies,
  ) {
    // Nobody may be waiting.
    this.#ready.promise.catch(() => {});
  }

  /** Resolves when every replacement is ready; rejects if that will not be. */
  get ready(): Promise<ReloadResult> {
    return this.#ready.promise;
  }

  /** This worker waits for the answer. */
  addCaller(worker: WorkerHandle): void {
    this.#callers.add(worker);
  }

  /** Resolves when the last worker of before has gone. */
  async run(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, this.#failed.signal]);
    // As many wait on it as there are replacements under way.
    setMaxListeners(0, signal);
    try {
      await this.#replaceAll(signal);
    } catch (error) {
      // A stop ends everybody.
      const backTaken = this.#replacements.map(replacement => replacement.rollback(stop));
      await Promise.allSettled(backTaken);
      throw error;
    }
  }

  /** Tells those who wait that it will not be. Nothing, if they have their answer. */
  reject(error: Error): void {
    this.#ready.reject(error);
  }

  /** A worker has ended; if it was one of the new code, and that is why, there is to be no more of it. */
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

  /** Waits until each slot has a ready worker of the generation: some may have been lost on the way. */
  async #complete(held: Replacement[], signal: AbortSignal): Promise<void> {
    const { workforce } = this.deps;
    const isNew = (worker: WorkerHandle | undefined): boolean =>
      worker?.generation === this.generation;
    const isDone = ({ current, successor }: Slot): boolean =>
      [current, successor].some(worker => worker?.serves && isNew(worker));
    const isLost = ({ current, successor }: Slot): boolean =>
      current !== undefined && !isNew(current) && successor === undefined;
    for (;;) {
      await workforce.changes.untilOrThrow(
        () => workforce.slots.every(slot => isDone(slot) || isLost(slot)),
        signal,
      );
      const lost = workforce.slots.find(isLost);
      if (!lost) {
        return;
      }
      held.push(await this.#replace(lost, signal));
    }
  }

  async #replace(slot: Slot, signal: AbortSignal, soak?: number): Promise<Replacement> {
    const { workforce, dismiss } = this.deps;
    for (;;) {
      // Who is forked after a stop has begun would not be told to go.
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
        // Somebody has sent it a signal: that says nothing about the new code, and another one takes its place.
        if (signal.aborted || !replacement.worker.ending.leftOnSignal) {
          // Others that are under way need not go on.
          this.#failed.abort(error);
          throw error;
        }
      }
    }
  }
}

/** How a worker ends whose code is to blame. */
const FAULTS: ReadonlySet<WorkerExitReason> = new Set(['boot-failed', 'boot-timeout', 'hung']);

/** A signal from outside says nothing about the code. */
function isFaultOfCode({ exit }: WorkerHandle): boolean {
  return (
    exit !== undefined &&
    (FAULTS.has(exit.reason) || (exit.reason === 'crashed' && exit.code !== null))
  );
}
