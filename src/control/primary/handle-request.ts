import type { CommandOutcome } from '../../ipc/supervision.protocol.js';
import { MAX_WORKERS } from '../../model/max-workers.js';
import { printableError } from '../../system/text/printable.js';
import type { ControlTopic } from '../control.protocol.js';
import { ControlError } from '../control-error.js';
import type {
  ControlFailureCode,
  ControlRequestName,
  ControlRequests,
  StopResult,
} from '../control-messages.js';
import type { Inspection } from '../inspection.js';
import { controlTexts } from '../control-text.js';
import type { ControlledFleet, ControlledHost } from './controlled-host.interface.js';

/** What a request needs beside its parameters. @internal */
export interface RequestContext {
  readonly host: ControlledHost;
  /** Sends one of several replies. */
  readonly item: (value: unknown) => void;
  /** Aborts when the client sends no more: it may have gone. */
  readonly signal: AbortSignal;
  /** Resolves when the host is about to exit. */
  readonly stopped: Promise<StopResult>;
  /** The worker that waits for the reply, if it is the client. */
  readonly caller?: object;
}

type Handler<Name extends ControlRequestName> = (
  params: ControlRequests[Name],
  context: RequestContext,
) => unknown;

const HANDLERS: { readonly [Name in ControlRequestName]: Handler<Name> } = {
  status: (_, { host }) => host.status(),
  reload: async (_, { host }) => valueOf(await host.reload(), 'reload', 'CLUSTER_RELOAD_FAILED'),
  scale,
  restart,
  stop: (_, { host, stopped }) => {
    host.stop();
    return stopped;
  },
  events: (_, { host, item, signal }) => untilClosed(signal, host.onEvent(item)),
  logs,
  jobs: (_, { host }) => fromWorker(host, 'jobs', controlTexts.noJobs()),
  doctor: (_, { host }) => fromWorker(host, 'doctor', controlTexts.noDoctor()),
  fleet: (_, { host }) => fleetOf(host).status(),
  reloadAll: ({ maxUnavailable = 1 }, { host, item }) => fleetOf(host).reload(maxUnavailable, item),
  metrics: async (_, { host }) => {
    const text = await host.metrics();
    if (text === undefined) {
      throw new ControlError('CONTROL_UNUSED', controlTexts.noMetrics());
    }
    return { text };
  },
  trace: (params, context) => inspect({ name: 'trace', ...params }, context),
  cpu: (params, context) => inspect({ name: 'cpu', ...params }, context),
  heap: (params, context) => inspect({ name: 'heap', ...params }, context),
  inspect: (params, context) => inspect({ name: 'inspect', ...params }, context),
};

/**
 * Carries out a request, and resolves with the value of its last reply.
 *
 * @throws ControlError
 * @internal
 */
export async function handleRequest(
  name: ControlRequestName,
  params: object,
  context: RequestContext,
): Promise<unknown> {
  try {
    const handle = HANDLERS[name] as (params: object, context: RequestContext) => unknown;
    return await handle(params, context);
  } catch (error) {
    throw error instanceof ControlError
      ? error
      : new ControlError('CONTROL_FAILED', controlTexts.failed(name, printableError(error)));
  }
}

async function scale(
  { workers, by }: ControlRequests['scale'],
  { host }: RequestContext,
): Promise<unknown> {
  if ((workers === undefined) === (by === undefined)) {
    throw new ControlError('CONTROL_INVALID', controlTexts.eitherWorkersOrBy());
  }
  let refusal: string | undefined;
  const outcome = await host.scale(now => {
    const wanted = workers ?? now + (by ?? 0);
    if (wanted >= 1 && wanted <= MAX_WORKERS) {
      return wanted;
    }
    refusal = controlTexts.impossibleScale(now, wanted, MAX_WORKERS);
    return now;
  });
  if (refusal !== undefined) {
    throw new ControlError('CONTROL_INVALID', refusal);
  }
  return { workers: valueOf(outcome, 'scaling', 'CLUSTER_SCALE_FAILED') };
}

async function restart(
  { slot }: ControlRequests['restart'],
  { host, caller }: RequestContext,
): Promise<unknown> {
  const outcome = await host.restart(slot, caller);
  const result = valueOf(outcome, 'restart', 'CLUSTER_RESTART_FAILED');
  if (!result) {
    throw noSlot(slot, host);
  }
  return result;
}

/** Replies with the end of the output, then with everything that follows. */
async function logs(
  { slot, follow = true }: ControlRequests['logs'],
  { host, item, signal }: RequestContext,
): Promise<unknown> {
  const { workers } = host.status();
  if (slot !== undefined && !workers.some(worker => worker.slot === slot)) {
    throw noSlot(slot, host);
  }
  const isWanted = (output: { readonly slot: number }): boolean =>
    slot === undefined || output.slot === slot;
  item({ streams: host.streams });
  host.tails().filter(isWanted).forEach(item);
  return follow
    ? untilClosed(
        signal,
        host.onOutput(output => isWanted(output) && item(output)),
      )
    : {};
}

async function inspect(inspection: Inspection, context: RequestContext): Promise<unknown> {
  const { host } = context;
  if (inspection.slot >= host.status().wanted) {
    throw noSlot(inspection.slot, host);
  }
  return host.inspect(inspection, context);
}

async function fromWorker(
  host: ControlledHost,
  topic: ControlTopic,
  unused: string,
): Promise<unknown> {
  const answer = await host.ask(topic);
  if (answer?.type === 'value') {
    return answer.value;
  }
  if (answer?.type === 'unused') {
    throw new ControlError('CONTROL_UNUSED', unused);
  }
  throw answer
    ? new ControlError('CONTROL_FAILED', controlTexts.failed(topic, answer.why))
    : new ControlError('CONTROL_NO_WORKER', controlTexts.noWorker());
}

/** @throws ControlError unless the command is done */
function valueOf<Value>(
  outcome: CommandOutcome<Value>,
  what: string,
  code: ControlFailureCode,
): Value {
  if (outcome.type === 'done') {
    return outcome.value;
  }
  if (outcome.type === 'failed') {
    throw new ControlError(code, outcome.failure.why, outcome.failure.worker);
  }
  throw outcome.type === 'stopping'
    ? new ControlError('CLUSTER_HOST_STOPPING', controlTexts.stopping())
    : new ControlError('CONTROL_FAILED', controlTexts.failed(what, outcome.why));
}

/** @throws ControlError without Redis */
function fleetOf({ fleet }: ControlledHost): ControlledFleet {
  if (!fleet) {
    throw new ControlError('CONTROL_NO_REDIS', controlTexts.noRedis());
  }
  return fleet;
}

function noSlot(slot: number, host: ControlledHost): ControlError {
  return new ControlError('CONTROL_INVALID', controlTexts.noSlot(slot, host.status().wanted));
}

/** Resolves when the client sends no more, and then calls `end`. */
function untilClosed(signal: AbortSignal, end: () => void): Promise<object> {
  return new Promise(resolve => {
    const finish = (): void => {
      end();
      resolve({});
    };
    if (signal.aborted) {
      finish();
    } else {
      signal.addEventListener('abort', finish, { once: true });
    }
  });
}
