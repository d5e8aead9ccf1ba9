import type { PrimaryProtocol } from '../ipc/protocol.js';
import { RecordSink } from './output/record-sink.js';
import type { WorkerPlace } from './node-cluster/worker-process.js';
import type { SupervisorDependencies } from './supervisor-dependencies.js';
import { WorkerHandle } from './workers/handle/worker-handle.js';
import type { ObserveWorker } from './workers/handle/worker-observer.interface.js';

/** @internal */
export type ForkDependencies = Pick<
  SupervisorDependencies,
  'options' | 'fork' | 'clock' | 'inspected' | 'outputs' | 'logText'
> & {
  /** The messages and questions of workers, to the supervisor and to the services. */
  readonly protocol: PrimaryProtocol;
};

/** Forks a worker, and returns its handle. @internal */
export function forkWorker(
  place: WorkerPlace,
  { options, fork, clock, inspected, outputs, logText, protocol }: ForkDependencies,
  observe: ObserveWorker<WorkerHandle>,
): WorkerHandle {
  const { boot, heartbeat } = options;
  const { slot, generation } = place;
  const stderr = logText
    ? new RecordSink(outputs.stderr, clock, text => logText(worker.identify(), text))
    : outputs.stderr;
  const worker = new WorkerHandle(
    fork(place),
    {
      slot,
      generation,
      bootTimeout: inspected ? undefined : boot.timeout,
      heartbeat: inspected ? { ...heartbeat, interval: 0 } : heartbeat,
    },
    clock,
    observe,
    { stdout: outputs.stdout, stderr },
    protocol,
  );
  return worker;
}
