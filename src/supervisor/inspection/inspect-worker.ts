import type { Logger } from '@nestjs/common';
import { ControlError } from '../../control/control-error.js';
import { messageOf } from '../../system/text/message-of.js';
import { within } from '../../system/async/within.js';
import { type Clock, pause } from '../../system/time/clock.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import { inspectionTexts } from './inspection.texts.js';
import { InspectorError } from '../diagnostics/inspector.error.js';
import { type OpenInspector, WorkerInspector } from '../diagnostics/worker-inspector.js';

/** Milliseconds for a worker to open its inspector. */
const OPEN_TIMEOUT = 5_000;

/** Milliseconds for which a result waits until the inspector is closed. */
const CLOSE_PATIENCE = 5_000;

/** Milliseconds after an action during which the worker is not taken for hung. Its inspector may not be closed yet. */
const MAX_CLOSING = 60_000;

/** Milliseconds between two looks whether the worker has sent a heartbeat. */
const LOOK = 500;

/** Milliseconds after a heartbeat until everything has arrived that the worker had written before. */
const GRACE = 1_000;

/** Looks after which a worker without heartbeats is no longer watched. */
const MAX_LOOKS = 1_200;

/** @internal */
export interface InspectWorkerTerms {
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Ends the action. */
  readonly signal: AbortSignal;
  /** Milliseconds after which the action fails. */
  readonly limit: number;
  /** Called when the inspector is closed, or when nobody waits for that any longer. */
  readonly onClosed: () => void;
}

/**
 * Opens the inspector of a worker, calls `use` with it, and closes it, however that ends. The worker is not taken for hung
 * meanwhile.
 *
 * @throws ControlError
 * @internal
 */
export async function inspectWorker<Result>(
  worker: WorkerHandle,
  terms: InspectWorkerTerms,
  use: (open: OpenInspector, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { clock, logger, limit, onClosed } = terms;
  const resume = worker.suspendLimits();
  const inspector = worker.inspector((...args) => new WorkerInspector(...args));
  const late = new AbortController();
  const cancel = clock.after(limit, () => late.abort());
  try {
    return await useInspector(inspector, worker, terms, late.signal, use);
  } finally {
    cancel();
    const closed = inspector.close();
    const settled = within(MAX_CLOSING, closed, () => {
      if (worker.state !== 'exited') {
        logger.warn(inspectionTexts.notClosed(worker.identify()));
      }
    });
    void settled.then(resume).then(onClosed);
    void closed.then(() => untilAlive(worker, clock)).then(() => inspector.unwatch());
    await within(CLOSE_PATIENCE, closed, () => {});
  }
}

async function useInspector<Result>(
  inspector: WorkerInspector,
  worker: WorkerHandle,
  { signal, limit }: InspectWorkerTerms,
  late: AbortSignal,
  use: (open: OpenInspector, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = AbortSignal.any([signal, late]);
  try {
    const open = await inspector.open(OPEN_TIMEOUT);
    over.throwIfAborted();
    return await Promise.race([use(open, over), rejectedBy(over)]);
  } catch (error) {
    throw asControlError(error, worker, {
      isLate: late.aborted,
      isCancelled: signal.aborted,
      limit,
    });
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}

function asControlError(
  error: unknown,
  worker: WorkerHandle,
  { isLate, isCancelled, limit }: { isLate: boolean; isCancelled: boolean; limit: number },
): ControlError {
  const which = worker.identify();
  if (error instanceof ControlError) {
    return error;
  }
  if (error instanceof InspectorError) {
    const text = inspectionTexts.problem(which, error, OPEN_TIMEOUT);
    return new ControlError('CONTROL_NO_INSPECTOR', text);
  }
  if (isCancelled) {
    return new ControlError('CONTROL_FAILED', inspectionTexts.cancelled());
  }
  // Its connection closes before its exit is known.
  if (!isLate && (worker.state === 'draining' || worker.state === 'exited')) {
    return new ControlError('CONTROL_NO_WORKER', inspectionTexts.left(which));
  }
  return new ControlError(
    'CONTROL_FAILED',
    isLate ? inspectionTexts.late(which, limit) : inspectionTexts.lost(which, messageOf(error)),
  );
}

/**
 * Resolves when the event loop of the worker has turned: what it had to do because of the signal, it has done. Also
 * resolves when it has exited, or sends no heartbeats.
 */
async function untilAlive(worker: WorkerHandle, clock: Pick<Clock, 'after'>): Promise<void> {
  const { vitals } = worker;
  for (let look = 0; look < MAX_LOOKS; look++) {
    if (worker.vitals !== vitals || worker.state === 'exited') {
      break;
    }
    await pause(clock, LOOK);
  }
  await pause(clock, GRACE);
}
