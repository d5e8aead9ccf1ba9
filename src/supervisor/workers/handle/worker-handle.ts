import type {
  WorkerEvent,
  WorkerEventDetails,
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
import type { Clock } from '../../../system/time/clock.js';
import type { Message, PrimaryProtocol } from '../../../ipc/protocol.js';
import type { LeaveTerms, SupervisionToWorker } from '../../../ipc/supervision.protocol.js';
import type { Hello } from '../../../ipc/protocol-version.js';
import { IpcChannel } from '../../../ipc/ipc-channel.js';
import type { ReadBlockedStack } from '../../diagnostics/read-blocked-stack.js';
import type { LineSinks } from '../../output/record-sink.js';
import type { WorkerOutput } from '../../output/worker-output.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';
import { supervisorMessages } from '../../supervisor.messages.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { afterLastWords } from './last-words.js';
import { receive } from './supervision-receivers.js';
import { WorkerDeadline } from './worker-deadline.js';
import { WorkerEnding } from './worker-ending.js';
import type { WorkerHandleObserver } from './worker-handle-observer.js';
import { WorkerLife } from './worker-life.js';
import { WorkerOutputs } from './worker-outputs.js';
import { WorkerReports } from './worker-reports.js';

/** The questions of any feature. */
type AnyQuestions = Record<string, { readonly params: unknown; readonly answer: unknown }>;

type WorkerChannel = IpcChannel<Message, Message, object, AnyQuestions>;

/** The place of a worker, and its limits. @internal */
export interface WorkerTerms {
  readonly slot: number;
  readonly generation: number;
  /** Milliseconds until it must be ready; `undefined` under an inspector. */
  readonly bootTimeout: number | undefined;
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
}

/**
 * One worker process, as the supervisor sees it: its state, and the operations on it. Knows nothing of slots,
 * restarts or other workers.
 *
 * @internal
 */
export class WorkerHandle {
  readonly generation: number;
  readonly ending: WorkerEnding;
  /** Whether it currently accepts no new connections. */
  isOverloaded = false;
  #slot: number;
  readonly #life: WorkerLife;
  readonly #deadline: WorkerDeadline;
  readonly #heartbeats: HeartbeatWatch;
  readonly #outputs: WorkerOutputs;
  readonly #ipc: WorkerChannel;
  readonly #reports: WorkerReports;

  constructor(
    private readonly process: WorkerProcess,
    { slot, generation, bootTimeout, heartbeat }: WorkerTerms,
    private readonly clock: Clock,
    private readonly observer: WorkerHandleObserver<WorkerHandle>,
    sinks: LineSinks,
    protocol: PrimaryProtocol,
  ) {
    this.#slot = slot;
    this.generation = generation;
    this.#life = new WorkerLife(clock);
    this.#deadline = new WorkerDeadline(clock, bootTimeout, reason => this.kill(reason));
    this.#heartbeats = new HeartbeatWatch(clock, heartbeat, () => observer.onSilent(this));
    this.#outputs = this.#readOutputs(sinks);
    this.ending = new WorkerEnding(this.output);
    this.#reports = this.#receiveReports();
    this.#ipc = this.#openChannel(protocol);
    this.#deadline.toBeReady();
    process.onOnline(() => this.#tell({ type: 'workerOnline' }));
    process.onListening(address => this.#reports.listening(address));
    process.onDisconnect(() => this.#tell({ type: 'workerDisconnected' }));
    process.onExit((code, signal) => this.#onExit(code, signal));
    this.#tell({ type: 'workerForked' });
  }

  /** Its slot; −1 as long as it is a spare. */
  get slot(): number {
    return this.#slot;
  }

  get pid(): number {
    return this.process.pid;
  }

  get state(): WorkerState {
    return this.#life.state;
  }

  /** Whether it is not ready yet. */
  get isStarting(): boolean {
    return this.#life.isStarting;
  }

  /** Whether it was ever ready or on standby. */
  get hasBooted(): boolean {
    return this.#life.hasBooted;
  }

  /** Whether it handles requests, as far as is known. */
  get serves(): boolean {
    return this.state === 'ready' && !this.#heartbeats.isSilent && !this.#life.hasEnded;
  }

  /** Whether it accepts new connections. */
  get takesConnections(): boolean {
    return this.serves && !this.isOverloaded;
  }

  /** The vitals of its last heartbeat. */
  get vitals(): WorkerVitals | undefined {
    return this.#reports.vitals;
  }

  /** How it ended; `undefined` until then. */
  get exit(): WorkerExitedEvent | undefined {
    return this.ending.exit;
  }

  /** Its standard error. */
  get output(): WorkerOutput | undefined {
    return this.#outputs.stderr;
  }

  /** The addresses on which its servers listen. */
  get addresses(): readonly ListeningAddress[] {
    return this.#reports.addresses;
  }

  /** Milliseconds since the worker became ready, 0 if it never was. */
  get readyFor(): number {
    return this.#life.readyFor;
  }

  /** Milliseconds since it was forked. */
  get uptime(): number {
    return this.#life.uptime;
  }

  identify(): WorkerIdentity {
    const { id, pid } = this.process;
    return { slot: this.#slot, generation: this.generation, id, pid };
  }

  /** Returns its status, without what only its slot knows. */
  describe(): Omit<WorkerStatus, 'restarts'> {
    const { overdue } = this.#heartbeats;
    return {
      ...this.identify(),
      state: this.state,
      serves: this.serves,
      uptime: this.uptime,
      ...(this.isOverloaded && this.serves && { isOverloaded: true }),
      ...(this.#outputs.isPaused && { isOutputPaused: true }),
      ...(this.vitals && { vitals: this.vitals }),
      ...(overdue > 0 && { heartbeatOverdue: overdue }),
    };
  }

  /** Gives a spare on standby its slot. */
  promote(slot: number): void {
    this.#slot = slot;
    this.#life.promoted();
    this.#deadline.toBeReady();
    void this.send({ type: 'promote', slot });
  }

  /** Tells the worker to drain and exit. */
  drain(terms: LeaveTerms, signal?: NodeJS.Signals): void {
    if (this.state === 'exited') {
      return;
    }
    this.ending.ordered();
    if (this.state === 'booting') {
      // It has no requests in flight yet, and its code may not receive messages. SIGTERM ends it either way.
      this.process.kill('SIGTERM');
    } else {
      void this.#ipc.post({ type: 'drain', ...terms, ...(signal && { signal }) });
    }
    this.leaves(terms);
  }

  /** Notes that the worker leaves, and kills it if it has not left in time. */
  leaves({ cause, timeout }: LeaveTerms): void {
    if (this.state === 'exited') {
      return;
    }
    this.ending.drains(cause);
    this.#heartbeats.stop();
    this.#outputs.letFlow();
    this.#deadline.toLeave(timeout);
    if (this.#life.become('draining')) {
      this.#tell({ type: 'workerDraining', cause });
    }
  }

  /**
   * Resolves with the stack at which it is blocked, if it can be read within `timeout` ms. The worker must then be
   * killed.
   */
  readStack(read: ReadBlockedStack, timeout: number): Promise<string | undefined> {
    return read(this.process, this.output, timeout);
  }

  kill(reason: WorkerExitReason): void {
    if (this.state !== 'exited') {
      this.ending.killed(reason);
      this.process.kill('SIGKILL');
    }
  }

  /** Resolves when the message is written, or cannot be written any more. */
  send(message: Message | SupervisionToWorker): Promise<void> {
    return this.state === 'exited' ? Promise.resolve() : this.#ipc.post(message);
  }

  #receiveReports(): WorkerReports {
    const { observer, ending, output } = this;
    return new WorkerReports({
      life: this.#life,
      deadline: this.#deadline,
      heartbeats: this.#heartbeats,
      ending,
      output,
      tell: details => this.#tell(details),
      onVitals: () => observer.onVitals(this),
      onRecovered: () => observer.onRecovered(this),
      onUnpromotable: () => observer.onUnpromotable(this),
      onWatch: () => observer.onWatch(this),
    });
  }

  #openChannel(protocol: PrimaryProtocol): WorkerChannel {
    const { observer } = this;
    return new IpcChannel(this.process.link, protocol, {
      onSignOfLife: () => this.#heartbeats.beat(),
      onMessage: message =>
        receive(message, this.#reports.receivers, other => observer.onServiceMessage(this, other)),
      onQuestion: question => observer.onQuestion(this, question),
      onInvalid: reason => observer.onInvalid(this, reason),
      onFault: (what, error) => observer.onFault(this, what, error),
      onIncompatible: hello => this.#onIncompatible(hello),
    });
  }

  #readOutputs(sinks: LineSinks): WorkerOutputs {
    return new WorkerOutputs(this.process, sinks, this.clock, {
      onPaused: stream => {
        this.#suspendTimers();
        this.#tell({ type: 'workerOutputPaused', stream });
      },
      onResumed: (stream, duration) => {
        if (!this.#outputs.isPaused) {
          this.#resumeTimers();
        }
        this.#tell({ type: 'workerOutputResumed', stream, duration });
      },
    });
  }

  /** Stops its timers, because it may be blocked by the primary and can do nothing meanwhile. */
  #suspendTimers(): void {
    this.#heartbeats.suspend();
    if (this.isStarting) {
      this.#deadline.cancel();
    }
  }

  #resumeTimers(): void {
    this.#heartbeats.resume();
    if (this.#life.isExpectedToBeReady) {
      this.#deadline.toBeReady();
    }
  }

  #onIncompatible(hello: Hello | undefined): void {
    const why = supervisorMessages.incompatible(hello);
    this.ending.incompatible(why);
    this.observer.onIncompatible(this, why);
    this.kill('boot-failed');
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#life.ended();
    this.#deadline.cancel();
    this.#heartbeats.stop();
    this.#ipc.close();
    this.#outputs.letFlow();
    const reason = this.ending.reason(this.#life, code, signal);
    afterLastWords(this.process, this.clock, () => {
      this.#life.become('exited');
      const { uptime } = this;
      const { missed: budget } = this.#deadline;
      const details = { code, signal, reason, uptime, ...(budget !== undefined && { budget }) };
      this.observer.onEvent(this, this.ending.conclude({ ...this.#mark(), ...details }));
    });
  }

  #tell(details: WorkerEventDetails): void {
    this.observer.onEvent(this, { ...details, ...this.#mark() });
  }

  #mark(): WorkerEvent {
    return { ...this.identify(), at: this.clock.wallTime() };
  }
}
