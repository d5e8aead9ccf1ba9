import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@nestjs/common';
import type { ClusterService } from '../../cluster.service.js';
import { ControlError } from '../../control/control-error.js';
import { type InspectionFile, MAX_PROFILE_SECONDS } from '../../control/inspection.js';
import { requestsToPrimaryOf } from '../../control/requests-to-primary.js';
import type {
  WorkerRequestOf,
  WorkerRequestValues,
} from '../../control/worker-requests.protocol.js';
import { WorkerDrainingError } from '../../model/errors/worker-draining.error.js';
import { MAX_WORKERS } from '../../model/max-workers.js';
import type { Runtime } from '../../runtime/runtime.js';
import type { DashboardActionName } from '../page-messages.js';
import { dashboardMessages } from '../dashboard.messages.js';
import type { Download } from '../responses.js';
import { wholeNumber, workerIn } from './action-input.js';
import { failureOf } from './failure-of.js';

const NAMES: readonly DashboardActionName[] = ['reload', 'scale', 'replace', 'stack', 'profile'];

/** Who has requested an action. @internal */
export interface Requester {
  /** The address, for the log. */
  readonly who: string;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** The result of an action. @internal */
export type ActionResult =
  | { readonly type: 'json'; readonly value: object }
  | { readonly type: 'file'; readonly file: Download };

/** An action with its arguments. */
interface Action {
  /** What it does, for the log. */
  readonly what: string;
  readonly run: (signal: AbortSignal) => Promise<Done>;
}

interface Done {
  readonly result: ActionResult;
  /** How it ended, for the log. */
  readonly said: string;
}

/**
 * What can be done on the page. Each action is logged, with who has requested it, and how it ended.
 *
 * @internal
 */
export class DashboardActions {
  /** The actions that exist. */
  readonly names: readonly DashboardActionName[];

  constructor(
    private readonly cluster: ClusterService,
    private readonly runtime: Runtime,
    private readonly namespace: string,
    private readonly logger: Pick<Logger, 'log' | 'warn' | 'error'>,
    isAllowed: boolean,
  ) {
    this.names = isAllowed && cluster.mode === 'worker' ? NAMES : [];
  }

  /**
   * @param body the parsed body of the request
   * @throws ActionInputError, or the error of the action
   */
  async run(
    name: DashboardActionName,
    body: unknown,
    { who, signal }: Requester,
  ): Promise<ActionResult> {
    const action = this.#actions[name](body);
    const { what } = action;
    this.logger.log(dashboardMessages.requested(who, what));
    try {
      const { result, said } = await action.run(signal);
      this.logger.log(dashboardMessages.carriedOut(who, what, said));
      return result;
    } catch (error) {
      // What the page has asked for wrongly, or too late, is no fault of the application.
      const level = failureOf(error).status === 500 ? 'error' : 'warn';
      this.logger[level](dashboardMessages.failed(who, what, error));
      throw error;
    }
  }

  readonly #actions: Readonly<Record<DashboardActionName, (body: unknown) => Action>> = {
    reload: () => ({
      what: 'reload',
      run: async () => {
        const result = await this.cluster.reload();
        return done(result, `Generation ${result.generation}`);
      },
    }),

    scale: body => {
      const wanted = wholeNumber(body, 'workers', 1, MAX_WORKERS);
      return {
        what: `scale to ${wanted}`,
        run: async () => {
          const workers = await this.cluster.scale(wanted);
          return done({ workers }, `Workers: ${workers}`);
        },
      };
    },

    replace: body => {
      const { slot } = workerIn(body);
      const what = `replace worker ${slot}`;
      // It goes on if whoever has requested it is gone.
      const run = (): Promise<Done> =>
        this.#request({ name: 'restart', slot }, [], replacementOf(slot), result =>
          done(result, `New worker: pid ${result.pid}`),
        );
      return { what, run };
    },

    stack: body => {
      const worker = workerIn(body);
      const what = `stack of worker ${worker.slot}`;
      const run = (signal: AbortSignal): Promise<Done> =>
        this.#request(
          { name: 'trace', ...worker },
          [signal],
          () => drains(what),
          result => done(result, `Worker: pid ${result.pid}`),
        );
      return { what, run };
    },

    profile: body => {
      const worker = workerIn(body);
      const seconds = wholeNumber(body, 'seconds', 1, MAX_PROFILE_SECONDS);
      const what = `profile of worker ${worker.slot} for ${seconds} s`;
      const request = { name: 'profile', ...worker, seconds } as const;
      const run = (signal: AbortSignal): Promise<Done> =>
        this.#request(
          request,
          [signal],
          () => drains(what),
          result => this.#openFile(result),
        );
      return { what, run };
    },
  };

  async #openFile({ file, slot, pid, bytes }: InspectionFile): Promise<Done> {
    const handle = await open(file, 'r');
    // What is open can be read without a name. Otherwise, the primary removes it.
    await rm(dirname(file), { recursive: true, force: true }).catch(() => {});
    const name = `${this.namespace.replaceAll(/[^\w.-]/g, '_')}-${slot}-${pid}.cpuprofile`;
    const result: ActionResult = { type: 'file', file: { name, handle, bytes } };
    return { result, said: `Worker: pid ${pid}, ${bytes} bytes` };
  }

  /**
   * Requests something of the primary, until this worker drains or one of the signals aborts.
   *
   * @param drained returns the error if this worker drains; `isSent` says whether the primary has got the request
   */
  async #request<Name extends keyof WorkerRequestValues>(
    request: WorkerRequestOf<Name>,
    signals: readonly AbortSignal[],
    drained: (isSent: boolean) => Error,
    use: (value: WorkerRequestValues[Name]) => Done | Promise<Done>,
  ): Promise<Done> {
    const { drainSignal } = this.cluster;
    const isSent = !drainSignal.aborted;
    const signal = AbortSignal.any([drainSignal, ...signals]);
    try {
      return await requestsToPrimaryOf(this.runtime).run(request, signal, use);
    } catch (error) {
      throw drainSignal.aborted && error === drainSignal.reason ? drained(isSent) : error;
    }
  }
}

function replacementOf(slot: number): (isSent: boolean) => Error {
  return isSent => new WorkerDrainingError(`the replacement of worker ${slot}`, isSent);
}

function drains(what: string): ControlError {
  return new ControlError('CONTROL_BUSY', dashboardMessages.drains(what));
}

function done(value: object, said: string): Done {
  return { result: { type: 'json', value }, said };
}
