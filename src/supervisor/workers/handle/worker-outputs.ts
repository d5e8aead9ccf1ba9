import type { OutputStream } from '../../../model/events/cluster-event.interface.js';
import type { Clock } from '../../../system/time/clock.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';
import type { LineSinks } from '../../output/record-sink.js';
import { WorkerOutput } from '../../output/worker-output.js';

/** @internal */
export interface WorkerOutputsObserver {
  /** Reading from the worker has paused, and the worker may be blocked. */
  onPaused(stream: OutputStream): void;
  /** Reading from a stream has resumed after `duration` ms; the other stream may still be paused. */
  onResumed(stream: OutputStream, duration: number): void;
}

/**
 * The standard streams of a worker that go through the primary.
 *
 * @internal
 */
export class WorkerOutputs {
  readonly stderr: WorkerOutput | undefined;
  readonly #stdout: WorkerOutput | undefined;
  readonly #all: readonly WorkerOutput[];

  constructor(
    private readonly process: Pick<WorkerProcess, OutputStream>,
    private readonly sinks: LineSinks,
    private readonly clock: Clock,
    private readonly observer: WorkerOutputsObserver,
  ) {
    this.stderr = this.#outputOf('stderr');
    this.#stdout = this.#outputOf('stdout');
    this.#all = [this.#stdout, this.stderr].filter(output => output !== undefined);
  }

  /** Whether the worker may be blocked because its output is not read. */
  get isPaused(): boolean {
    return this.#all.some(({ isPaused }) => isPaused);
  }

  /** The lines at the end of each stream. */
  get tails(): Readonly<Partial<Record<OutputStream, string>>> {
    const [stdout, stderr] = [this.#stdout?.lastLines, this.stderr?.lastLines];
    return { ...(stdout !== undefined && { stdout }), ...(stderr !== undefined && { stderr }) };
  }

  /** Never blocks the worker from now on. */
  letFlow(): void {
    this.#all.forEach(output => output.letFlow());
  }

  #outputOf(stream: OutputStream): WorkerOutput | undefined {
    const source = this.process[stream];
    if (!source) {
      return undefined;
    }
    let pausedAt = 0;
    return new WorkerOutput(source, this.sinks[stream], this.clock, {
      isHeld: stream === 'stderr',
      onPaused: () => {
        pausedAt = this.clock.now();
        this.observer.onPaused(stream);
      },
      onResumed: () => this.observer.onResumed(stream, this.clock.now() - pausedAt),
    });
  }
}
