import type {
  OutputStream,
  WorkerEvent,
  WorkerExitedEvent,
} from '../../../model/events/cluster-event.interface.js';
import type {
  ListeningAddress,
  WorkerExitReason,
  WorkerIdentity,
  WorkerState,
  WorkerStatus,
  WorkerVitals,
} from '../../../model/host-status.interface.js';
import type { WorkerFacts } from '../../../model/worker-facts.interface.js';
import type { Clock } from '../../../system/time/clock.js';
import type { Message, PrimaryProtocol } from '../../../ipc/protocol.js';
import type { LeaveTerms, SupervisionToWorker } from '../../../ipc/supervision.protocol.js';
import type { ReadBlockedStack } from '../../diagnostics/read-blocked-stack.js';
import type { InspectedProcess } from '../../diagnostics/worker-inspector.js';
import type { LineSinks } from '../../output/record-sink.js';
import type { WorkerOutput } from '../../output/worker-output.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';
import type { WorkerEnding } from './worker-ending.js';
import type { WorkerLimitsTerms } from './worker-limits.js';
import type { ObserveWorker } from './worker-observer.interface.js';
import { createWorkerParts, type WorkerParts } from './worker-parts.js';

/** The place of a worker, and its limits. @internal */
export interface WorkerTerms extends WorkerLimitsTerms {
  readonly slot: number;
  readonly generation: number;
}

/**
 * One worker process, as the supervisor sees it: its state, and the operations on it. Knows nothing of slots,
 * restarts or other workers.
 *
 * @internal
 */
export class WorkerHandle {
  readonly generation: number;
  /** Whether it sends heartbeats, and is killed if they do not come. */
  readonly sendsHeartbeats: boolean;
  /** Whether it currently accepts no new connections. */
  isOverloaded = false;
  #slot: number;
  readonly #parts: WorkerParts;

  constructor(
    private readonly process: WorkerProcess,
    terms: WorkerTerms,
    clock: Clock,
    observe: ObserveWorker<WorkerHandle>,
    sinks: LineSinks,
    protocol: PrimaryProtocol,
  ) {
    this.#slot = terms.slot;
    this.generation = terms.generation;
    this.sendsHeartbeats = terms.heartbeat.interval > 0;
    const observer = observe(this);
    const mark = (): WorkerEvent => ({ ...this.identify(), at: clock.wallTime() });
    this.#parts = createWorkerParts({ process, terms, clock, sinks, protocol, observer, mark });
    observer.onEvent({ type: 'workerForked', ...mark() });
  }

  /** Its slot; −1 as long as it is a spare. */
  get slot(): number {
    return this.#slot;
  }

  get pid(): number {
    return this.process.pid;
  }

  get state(): WorkerState {
    return this.#parts.life.state;
  }

  /** Whether it is not ready yet. */
  get isStarting(): boolean {
    return this.#parts.life.isStarting;
  }

  /** Whether it has booted, and waits for a slot. */
  get isWaiting(): boolean {
    return this.#parts.life.isWaiting;
  }

  /** Whether it was ever ready or on standby. */
  get hasBooted(): boolean {
    return this.#parts.life.hasBooted;
  }

  /** Whether its process runs JavaScript, and handles signals. */
  get isOnline(): boolean {
    return this.#parts.life.isOnline;
  }

  /** Whether it has sent no heartbeat for the timeout, and is killed. */
  get isHung(): boolean {
    return this.#parts.life.isHung;
  }

  /** Whether it handles requests, as far as is known. */
  get serves(): boolean {
    return this.#parts.life.serves;
  }

  /** Whether it accepts new connections. */
  get takesConnections(): boolean {
    return this.serves && !this.isOverloaded;
  }

  /** The vitals of its last heartbeat: a new object with each. */
  get vitals(): WorkerVitals | undefined {
    return this.#parts.reports.vitals;
  }

  /** What is known about its end. */
  get ending(): WorkerEnding {
    return this.#parts.ending;
  }

  /** How it ended; `undefined` until then. */
  get exit(): WorkerExitedEvent | undefined {
    return this.#parts.ending.exit;
  }

  /** Its standard error. */
  get output(): WorkerOutput | undefined {
    return this.#parts.outputs.stderr;
  }

  /** The lines at the end of each of its output streams that goes through the primary, up to 8 KB. */
  get outputTails(): Readonly<Partial<Record<OutputStream, string>>> {
    return this.#parts.outputs.tails;
  }

  /** The addresses on which its servers listen. */
  get addresses(): readonly ListeningAddress[] {
    return this.#parts.reports.addresses;
  }

  /** Milliseconds since the worker became ready, 0 if it never was. */
  get readyFor(): number {
    return this.#parts.life.readyFor;
  }

  /** Milliseconds since it was forked. */
  get uptime(): number {
    return this.#parts.life.uptime;
  }

  identify(): WorkerIdentity {
    const { id, pid } = this.process;
    return { slot: this.#slot, generation: this.generation, id, pid };
  }

  /** Returns its status, without what only its slot knows. */
  describe(): Omit<WorkerStatus, 'restarts'> {
    const { overdue } = this.#parts.limits;
    return {
      ...this.identify(),
      state: this.state,
      serves: this.serves,
      uptime: this.uptime,
      ...(this.isOverloaded && this.serves && { isOverloaded: true }),
      ...(this.#parts.outputs.isPaused && { isOutputPaused: true }),
      ...(this.vitals && { vitals: this.vitals }),
      ...(overdue > 0 && { heartbeatOverdue: overdue }),
    };
  }

  /** Returns what is not part of its status. */
  facts(): WorkerFacts {
    const { reports, ending, outputs } = this.#parts;
    return {
      heartbeatAt: reports.heartbeatAt,
      // The end of its output is put together on request.
      get error() {
        return ending.error;
      },
      get output() {
        return outputs.stderr?.tail;
      },
    };
  }

  /** Gives a waiting worker its slot. */
  promote(slot: number): void {
    this.#slot = slot;
    if (this.#parts.life.become('promoted')) {
      this.#parts.limits.toBeReady();
    }
    void this.send({ type: 'promote', slot });
  }

  /** Tells the worker to drain and exit. */
  drain(terms: LeaveTerms, signal?: NodeJS.Signals): void {
    this.#parts.departure.drain(terms, signal);
  }

  /** Notes that the worker leaves, and kills it if it has not left in time. */
  leaves(terms: LeaveTerms): void {
    this.#parts.departure.leaves(terms);
  }

  kill(reason: WorkerExitReason): void {
    this.#parts.departure.kill(reason);
  }

  /**
   * Resolves with the stack at which it is blocked, if it can be read within `timeout` ms. The worker must then be
   * killed.
   */
  readStack(read: ReadBlockedStack, timeout: number): Promise<string | undefined> {
    return read(this.process, this.output, timeout);
  }

  /** Creates what opens and closes its inspector. */
  inspector<Inspector>(
    create: (process: InspectedProcess, output: WorkerOutput | undefined) => Inspector,
  ): Inspector {
    return create(this.process, this.output);
  }

  /**
   * Suspends its limits, because it may be blocked while somebody looks into it. The limit of a drain goes on.
   *
   * @returns a function that resumes them
   */
  suspendLimits(): () => void {
    this.#parts.limits.suspend('inspection');
    return () => this.#parts.limits.resume('inspection');
  }

  /** Resolves when the message is written, or cannot be written any more. */
  send(message: Message | SupervisionToWorker): Promise<void> {
    return this.state === 'exited' ? Promise.resolve() : this.#parts.channel.post(message);
  }
}
