import { isAbsolute } from 'node:path';
import type { Logger } from '@nestjs/common';
import { ControlError } from '../../control/control-error.js';
import type {
  Inspection,
  InspectionFile,
  InspectResult,
  TraceResult,
  WorkerChoice,
} from '../../control/inspection.js';
import type { InspectionContext } from '../../control/primary/controlled-host.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { ActionContext } from './action.interface.js';
import { cpuProfile } from './cpu-profile.js';
import { debugging } from './debugging.js';
import { heapSnapshot } from './heap-snapshot.js';
import { ResultFile } from './result-file.js';
import { trace } from './trace.js';
import { inspectionTexts } from './inspection.texts.js';
import { inspectWorker } from './inspect-worker.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Milliseconds that an action may take beside what was asked for: the worker may be slow. */
const EXTRA = 30 * SECOND;

/** Milliseconds for a heap snapshot: of several gigabytes, it takes minutes. */
const SNAPSHOT_LIMIT = 15 * MINUTE;

const DEFAULT_SECONDS = 10;
const DEFAULT_MINUTES = 30;

/** @internal */
export interface InspectionsDependencies {
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Whether the host was started with an open inspector. */
  readonly inspected: boolean;
  /** Returns all workers. */
  readonly workers: () => readonly WorkerHandle[];
}

/** @internal */
export type InspectionResult = TraceResult | InspectionFile | InspectResult;

/**
 * Looks into live workers: their stacks, CPU profiles, heap snapshots, and debuggers.
 *
 * @internal
 */
export class Inspections {
  readonly #busy = new Set<WorkerHandle>();

  constructor(private readonly deps: InspectionsDependencies) {}

  /** @throws ControlError */
  async run(inspection: Inspection, context: InspectionContext): Promise<InspectionResult> {
    const worker = this.#workerOf(inspection);
    if (inspection.name === 'trace') {
      return this.#trace(worker, context);
    }
    if (inspection.name === 'inspect') {
      const { minutes = DEFAULT_MINUTES } = inspection;
      const limit = minutes * MINUTE + EXTRA;
      const ended = await this.#inspect(worker, context, limit, open => debugging(open, minutes));
      return { ...which(worker), ended };
    }
    if (inspection.name === 'heap') {
      return this.#toFile(worker, context, SNAPSHOT_LIMIT, inspection.file, heapSnapshot);
    }
    const { seconds = DEFAULT_SECONDS } = inspection;
    const limit = seconds * SECOND + EXTRA;
    return this.#toFile(worker, context, limit, inspection.file, (open, file) =>
      cpuProfile(open, seconds, file),
    );
  }

  async #trace(worker: WorkerHandle, context: InspectionContext): Promise<TraceResult> {
    const { heartbeatOverdue: overdue } = worker.describe();
    const stack = await this.#inspect(worker, context, EXTRA, trace);
    return {
      ...which(worker),
      ...(stack !== undefined && { stack }),
      ...(overdue !== undefined && { overdue }),
    };
  }

  /**
   * Without a pid, it is the worker that serves the slot, or else the newest one.
   *
   * @throws ControlError if there is no worker that can be inspected now
   */
  #workerOf({ slot, pid }: WorkerChoice): WorkerHandle {
    const { workers, inspected } = this.deps;
    const all = workers().filter(
      each =>
        each.slot === slot && each.state !== 'exited' && (pid === undefined || each.pid === pid),
    );
    const worker = all.find(({ serves }) => serves) ?? all.at(-1);
    if (!worker) {
      const why =
        pid === undefined ? inspectionTexts.noWorker(slot) : inspectionTexts.gone({ slot, pid });
      throw new ControlError('CONTROL_NO_WORKER', why);
    }
    if (inspected) {
      throw new ControlError('CONTROL_NO_INSPECTOR', inspectionTexts.debugged());
    }
    const busy = this.#busy.has(worker) ? inspectionTexts.busy : undefined;
    const hung = worker.isHung ? inspectionTexts.hung : undefined;
    // SIGUSR1 ends a process in which Node does not listen to it yet.
    const starting = worker.isOnline ? undefined : inspectionTexts.starting;
    const why = busy ?? hung ?? starting;
    if (why) {
      throw new ControlError('CONTROL_BUSY', why(worker.identify()));
    }
    return worker;
  }

  async #toFile(
    worker: WorkerHandle,
    context: InspectionContext,
    limit: number,
    path: string,
    use: (open: ActionContext, file: ResultFile) => Promise<void>,
  ): Promise<InspectionFile> {
    if (!isAbsolute(path)) {
      throw new ControlError('CONTROL_INVALID', inspectionTexts.relativeFile(path));
    }
    this.#busy.add(worker);
    const file = await ResultFile.create(path).catch((error: unknown) => {
      this.#busy.delete(worker);
      throw error;
    });
    try {
      await this.#inspect(worker, context, limit, open => use(open, file));
      await file.finish();
    } catch (error) {
      await file.discard();
      throw error;
    }
    return { ...which(worker), file: path, bytes: file.bytes };
  }

  async #inspect<Result>(
    worker: WorkerHandle,
    { item, signal }: InspectionContext,
    limit: number,
    use: (open: ActionContext) => Promise<Result>,
  ): Promise<Result> {
    const { clock, logger } = this.deps;
    const { pid } = worker;
    this.#busy.add(worker);
    const terms = { clock, logger, limit, signal, onClosed: () => this.#busy.delete(worker) };
    return inspectWorker(worker, terms, (open, over) => use({ ...open, pid, item, signal: over }));
  }
}

function which({ slot, pid }: WorkerHandle): { readonly slot: number; readonly pid: number } {
  return { slot, pid };
}
