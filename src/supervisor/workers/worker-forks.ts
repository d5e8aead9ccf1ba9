import type { PrimaryProtocol } from '../../ipc/protocol.js';
import type { WorkerPlace } from '../node-cluster/worker-process.js';
import { type LineSink, RecordSink } from '../output/record-sink.js';
import type { OutputStream } from '../../model/events/cluster-event.interface.js';
import { needsSpeaker } from '../policies/boot-speaker.js';
import type { SupervisorDependencies } from '../supervisor-dependencies.js';
import type { Generation } from './generation.js';
import { WorkerHandle } from './handle/worker-handle.js';
import type { ObserveWorker } from './handle/worker-observer.interface.js';

/** @internal */
export type WorkerForksDependencies = Pick<
  SupervisorDependencies,
  'options' | 'fork' | 'clock' | 'inspected' | 'outputs' | 'outputTap' | 'logText'
> & {
  readonly generation: Generation;
  readonly observe: ObserveWorker<WorkerHandle>;
  /** The messages and questions of workers, to the supervisor and to the services. */
  readonly protocol: PrimaryProtocol;
};

/**
 * Forks workers of the current generation. One worker logs its boot, and the others boot quietly.
 *
 * @internal
 */
export class WorkerForks {
  /** The worker whose boot is logged. */
  #speaker: WorkerHandle | undefined;

  constructor(private readonly deps: WorkerForksDependencies) {}

  fork(slot: number, standsBy: boolean): WorkerHandle {
    const generation = this.deps.generation.current;
    const isQuiet = standsBy || !needsSpeaker(this.#speaker);
    const worker = this.#fork({ slot, generation, standsBy, isQuiet });
    if (!isQuiet) {
      this.#speaker = worker;
    }
    return worker;
  }

  #fork(place: WorkerPlace): WorkerHandle {
    const { options, fork, clock, inspected, outputs, outputTap, logText, protocol, observe } =
      this.deps;
    const { boot, heartbeat } = options;
    const { slot, generation } = place;
    const stderr = logText
      ? new RecordSink(outputs.stderr, clock, text => logText(worker.identify(), text))
      : outputs.stderr;
    const tapped = (sink: LineSink, stream: OutputStream): LineSink =>
      outputTap?.sink(sink, stream, () => worker.identify()) ?? sink;
    const worker: WorkerHandle = new WorkerHandle(
      fork(place),
      {
        slot,
        generation,
        bootTimeout: inspected ? undefined : boot.timeout,
        heartbeat: inspected ? { ...heartbeat, interval: 0 } : heartbeat,
      },
      clock,
      observe,
      { stdout: tapped(outputs.stdout, 'stdout'), stderr: tapped(stderr, 'stderr') },
      protocol,
    );
    return worker;
  }
}
