import { ControlError } from '../../control/control-error.js';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { ClusterError } from '../../model/errors/cluster.error.js';
import { ReloadFailedError } from '../../model/errors/reload-failed.error.js';
import { ScaleFailedError } from '../../model/errors/scale-failed.error.js';
import type { WorkerFailure } from '../../model/errors/worker-failure.interface.js';
import { printableError } from '../../system/text/printable.js';
import type { ActionFailure } from '../page-messages.js';
import { ActionInputError } from './action-input.js';

/** By the code of the error. All others are failures of the application or of the host: 500. */
const STATUS: Readonly<Record<string, number>> = {
  CONTROL_INVALID: 400,
  CONTROL_NO_WORKER: 409,
  CONTROL_BUSY: 409,
  CONTROL_NO_INSPECTOR: 409,
  CLUSTER_HOST_STOPPING: 503,
  CLUSTER_WORKER_DRAINING: 503,
  CLUSTER_PRIMARY_UNREACHABLE: 503,
  CLUSTER_STATE_UNAVAILABLE: 503,
};

/** Returns the answer to a request that has failed. @internal */
export function failureOf(error: unknown): {
  readonly status: number;
  readonly body: ActionFailure;
} {
  const worker = workerOf(error);
  return {
    status: statusOf(error),
    body: {
      message: printableError(error),
      ...(worker && {
        worker: { slot: worker.slot, pid: worker.pid, lastOutput: worker.output },
      }),
    },
  };
}

function statusOf(error: unknown): number {
  if (error instanceof ActionInputError || error instanceof ClusterConfigError) {
    return 400;
  }
  return error instanceof ControlError || error instanceof ClusterError
    ? (STATUS[error.code] ?? 500)
    : 500;
}

function workerOf(error: unknown): WorkerFailure | undefined {
  return error instanceof ControlError ||
    error instanceof ReloadFailedError ||
    error instanceof ScaleFailedError
    ? error.worker
    : undefined;
}
