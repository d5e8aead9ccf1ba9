import type { Readable } from 'node:stream';
import type {
  OutputStream,
  WorkerEvent,
  WorkerEventDetails,
  WorkerExitedEvent,
  WorkerLifecycleEvent,
} from '../../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  ListeningAddress,
  WorkerExitReason,
  WorkerIdentity,
  WorkerState,
  WorkerStatus,
  WorkerVitals,
} from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { AnyFeatureProtocol, Message } from '../../ipc/protocol.js';
import { primaryEnd } from '../../ipc/protocol.js';
import {
  type BootFailure,
  type LeaveTerms,
  supervisionProtocol,
  type SupervisionToPrimary,
  type SupervisionToWorker,
} from '../../ipc/supervision.protocol.js';
import type { ServiceQuestion } from '../../services/primary-services.js';
import type { Hello } from '../../ipc/protocol-version.js';
import { IpcChannel } from '../../ipc/ipc-channel.js';
import type { ReadBlockedStack } from '../diagnostics/read-blocked-stack.js';
import { exitReason } from '../policies/exit-reason.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { bootFailureIn } from '../policies/hopeless-boot.js';
import type { OutputSinks } from '../output/output-sink.js';
import { errorLine } from '../output/output-summary.js';
import { WorkerOutput } from '../output/worker-output.js';
import type { WorkerProcess } from '../node-cluster/worker-process.js';
import { supervisorMessages } from '../supervisor.messages.js';
import { mayBecome } from './worker-states.js';

/** How long the last words of a process may be on their way after its exit. */
const LAST_WORDS_MILLISECONDS = 100;

/** Addresses that one worker can tell of: more than any has, but not more than there is memory. */
const MAX_ADDRESSES = 1_000;

/** What a handle tells its supervisor. @internal */
export interface WorkerHandleObserver {
  onEvent(handle: WorkerHandle, event: WorkerLifecycleEvent): void;
  onQuestion(handle: WorkerHandle, question: ServiceQuestion): void | Promise<void>;
  /** What it says to one of the services. */
  onServiceMessage(handle: WorkerHandle, message: Message): void;
  onVitals(handle: WorkerHandle): void;
  /** It takes new connections again. */
  onRecovered(handle: WorkerHandle): void;
  /** No heartbeat has come for too long. */
  onSilent(handle: WorkerHandle): void;
  /** A spare has nothing that it could begin later. */
  onUnpromotable(handle: WorkerHandle): void;
  onWatch(handle: WorkerHandle): void;
  /** It has sent something that makes no sense, which was ignored: once. */
  onInvalid(handle: WorkerHandle, reason: string): void;
  /** Something that it has sent could not be handled. */
  onFault(handle: WorkerHandle, what: string, error: unknown): void;
  /** It has another version, or none, and is killed. */
  onIncompatible(handle: WorkerHandle, why: string): void;
}

/** Whatever features ask. */
type AnyQuestions = Record<string, { readonly params: unknown; readonly answer: unknown }>;

/** What a worker is forked for, and what is expected of it. @internal */
export interface WorkerTerms {
  readonly slot: number;
  readonly generation: number;
  /** Milliseconds until it must be ready; not under an inspector. */
  readonly bootTimeout: number | undefined;
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
}

/**
 * A worker as the supervisor sees it: the state it is in, and the few things that can be done to
 * it. Knows one process and nothing of slots, restarts or other workers.
 *
 * @internal
 */
export class WorkerHandle {
  readonly generation: number;
  /** What it says on its standard error. */
  readonly output: WorkerOutput | undefined;
  readonly #outputs: readonly WorkerOutput[];
  readonly #forkedAt: number;
  readonly #bootTimeout: number | undefined;
  readonly #heartbeats: HeartbeatWatch;
  readonly #addresses: ListeningAddress[] = [];
  readonly #ipc: IpcChannel<Message, Message, object, AnyQuestions>;
  #slot: number;
  #state: WorkerState = 'booting';
  #standbyAt: number | undefined;
  #readyAt: number | undefined;
  #promotedAt: number | undefined;
  #vitals: WorkerVitals | undefined;
  #isSilent = false;
  /** It has, though its last words may be on their way. */
  #hasEnded = false;
  /** Whether it takes no new connections for now. */
  isOverloaded = false;
  #exit: WorkerExitedEvent | undefined;
  #bootFailure: BootFailure | undefined;
  #phases: DrainPhases | undefined;
  #killedFor: WorkerExitReason | undefined;
  /** Milliseconds within which it should have booted, or left. */
  #budget: number | undefined;
  #incompatibility: string | undefined;
  #toldToGo = false;
  /** Why it leaves, if it does. */
  #cause: DrainCause | undefined;
  #cancelDeadline: () => void = () => {};

  constructor(
    private readonly process: WorkerProcess,
    { slot, generation, bootTimeout, heartbeat }: WorkerTerms,
    private readonly clock: Clock,
    private readonly observer: WorkerHandleObserver,
    sinks: OutputSinks,
    services: readonly AnyFeatureProtocol[],
  ) {
    this.#slot = slot;
    this.generation = generation;
    this.#forkedAt = clock.now();
    this.#heartbeats = new HeartbeatWatch(clock, heartbeat, () => this.#onSilent());
    this.output = this.#outputOf('stderr', sinks);
    const outputs = [this.#outputOf('stdout', sinks), this.output];
    this.#outputs = outputs.filter(output => output !== undefined);
    this.#ipc = new IpcChannel(process.link, primaryEnd([supervisionProtocol, ...services]), {
      onSignOfLife: () => this.#heartbeats.beat(),
      onMessage: message => this.#onMessage(message),
      onQuestion: question => observer.onQuestion(this, question),
      onInvalid: reason => observer.onInvalid(this, reason),
      onFault: (what, error) => observer.onFault(this, what, error),
      onIncompatible: hello => this.#onIncompatible(hello),
    });
    this.#bootTimeout = bootTimeout;
    this.#killIfNotReady();
    process.onOnline(() => this.#tell({ type: 'workerOnline' }));
    process.onListening(address => this.#onListening(address));
    process.onDisconnect(() => this.#tell({ type: 'workerDisconnected' }));
    process.onExit((code, signal) => this.#onExit(code, signal));
    this.#tell({ type: 'workerForked' });
  }

  /** Its place; -1 as long as it is a spare. */
  get slot(): number {
    return this.#slot;
  }

  get pid(): number {
    return this.process.pid;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it has yet to become ready. */
  get isStarting(): boolean {
    return this.#state === 'booting' || this.#state === 'standby';
  }

  /** Whether it takes work, as far as is known. */
  get serves(): boolean {
    return this.#state === 'ready' && !this.#isSilent && !this.#hasEnded;
  }

  /** Whether that work may come over new connections. */
  get takesConnections(): boolean {
    return this.serves && !this.isOverloaded;
  }

  /** What its last heartbeat said. */
  get vitals(): WorkerVitals | undefined {
    return this.#vitals;
  }

  /** How it ended, once it has. */
  get exit(): WorkerExitedEvent | undefined {
    return this.#exit;
  }

  /** Why it does not boot, as far as it has told. Whom a signal has ended has not said why. */
  get bootFailure(): BootFailure | undefined {
    const hasFailed = Boolean(this.#exit?.code);
    return this.#bootFailure ?? (hasFailed ? bootFailureIn(this.output?.tail ?? '') : undefined);
  }

  /** Whether it has left because somebody else than the primary sent it a signal: no fault of its code. */
  get leftOnSignal(): boolean {
    const { reason, signal } = this.#exit ?? {};
    const wasSignalled = this.#cause === undefined ? Boolean(signal) : this.#cause === 'signal';
    return reason === 'left' && !this.#toldToGo && wasSignalled;
  }

  /** Whether it has ended without an error, and nobody has told it to: it closed itself, or exited with 0. */
  get endedByItself(): boolean {
    const isDone = this.#cause === undefined && this.#exit?.code === 0;
    return !this.#toldToGo && (this.#cause === 'close' || isDone);
  }

  /** What is known of why it failed, in a line. */
  get error(): string | undefined {
    return this.#incompatibility ?? errorLine(this.output?.tail ?? '');
  }

  /** Where its servers listen. */
  get addresses(): readonly ListeningAddress[] {
    return this.#addresses;
  }

  /** Milliseconds since the worker became ready, 0 if it never was. */
  get readyFor(): number {
    return this.#readyAt === undefined ? 0 : this.clock.now() - this.#readyAt;
  }

  /** Milliseconds since it was forked. */
  get uptime(): number {
    return this.clock.now() - this.#forkedAt;
  }

  identify(): WorkerIdentity {
    const { id, pid } = this.process;
    return { slot: this.#slot, generation: this.generation, id, pid };
  }

  /** All but what its slot knows. */
  describe(): Omit<WorkerStatus, 'restarts'> {
    return {
      ...this.identify(),
      state: this.#state,
      serves: this.serves,
      uptime: this.uptime,
      ...(this.isOverloaded && this.serves && { isOverloaded: true }),
      ...(this.#isOutputPaused && { isOutputPaused: true }),
      ...(this.#vitals && { vitals: this.#vitals }),
      ...(this.#heartbeats.overdue > 0 && { heartbeatOverdue: this.#heartbeats.overdue }),
    };
  }

  /** Gives a spare that stands by its place. */
  promote(slot: number): void {
    this.#slot = slot;
    this.#promotedAt = this.clock.now();
    this.#killIfNotReady();
    void this.send({ type: 'promote', slot });
  }

  /** Tells the worker to drain and leave. */
  drain(terms: LeaveTerms, signal?: NodeJS.Signals): void {
    if (this.#state === 'exited') {
      return;
    }
    this.#toldToGo = true;
    if (this.#state === 'booting') {
      // Nothing is in flight yet, and its code may not even listen to us. SIGTERM ends it either way.
      this.process.kill('SIGTERM');
    } else {
      void this.#ipc.post({ type: 'drain', ...terms, ...(signal && { signal }) });
    }
    this.leaves(terms);
  }

  /** Notes that the worker leaves; what has not left in time is killed. */
  leaves({ cause, timeout }: LeaveTerms): void {
    if (this.#state === 'exited') {
      return;
    }
    this.#cause ??= cause;
    this.#heartbeats.stop();
    this.#outputs.forEach(output => output.letFlow());
    this.#killAfter(timeout, 'drain-timeout');
    if (this.#become('draining')) {
      this.#tell({ type: 'workerDraining', cause });
    }
  }

  /** Where it is blocked, if that can be found out in so many milliseconds. It is to be killed then. */
  readStack(read: ReadBlockedStack, timeout: number): Promise<string | undefined> {
    return read(this.process, this.output, timeout);
  }

  kill(reason: WorkerExitReason): void {
    if (this.#state !== 'exited') {
      this.#killedFor ??= reason;
      this.process.kill('SIGKILL');
    }
  }

  /** Resolves when it is written, or can no longer be. */
  send(message: Message | SupervisionToWorker): Promise<void> {
    return this.#state === 'exited' ? Promise.resolve() : this.#ipc.post(message);
  }

  #onMessage(received: Message): void {
    const message = received as SupervisionToPrimary;
    switch (message.type) {
      case 'listening':
        this.#onListening(message.address);
        break;
      case 'ready':
        this.#onReady();
        break;
      case 'bootFailed':
        this.#bootFailure = message.failure;
        // A boot that took long shows what it says; what it says of its failure may be told by the primary.
        if (this.isStarting) {
          this.output?.hold();
        }
        break;
      case 'standby':
        this.#onStandby();
        break;
      case 'unpromotable':
        this.observer.onUnpromotable(this);
        break;
      case 'recovered':
        this.observer.onRecovered(this);
        break;
      case 'heartbeat':
        this.#vitals = message.vitals;
        this.observer.onVitals(this);
        break;
      case 'left':
        this.#phases = message.phases;
        break;
      case 'watch':
        this.observer.onWatch(this);
        break;
      default:
        this.observer.onServiceMessage(this, received);
    }
  }

  /** A worker that was overloaded listens once more, where it did before. */
  #onListening(address: ListeningAddress): void {
    // The application has handled what it has told of: it listens elsewhere, or again.
    this.#bootFailure = undefined;
    const isKnown = this.#addresses.some(
      known => known.address === address.address && known.port === address.port,
    );
    if (!isKnown && this.#addresses.length < MAX_ADDRESSES) {
      this.#addresses.push(address);
      this.#tell({ type: 'workerListening', address });
    }
  }

  #onIncompatible(hello: Hello | undefined): void {
    this.#incompatibility = supervisorMessages.incompatible(hello);
    this.observer.onIncompatible(this, this.#incompatibility);
    this.kill('boot-failed');
  }

  #onReady(): void {
    if (this.#become('ready')) {
      this.#booted();
      this.#readyAt = this.clock.now();
      // What it said while it booted is not about how it serves.
      this.#vitals = undefined;
      const since = this.#promotedAt ?? this.#forkedAt;
      this.#tell({ type: 'workerReady', bootTime: this.#readyAt - since });
    }
  }

  #onStandby(): void {
    if (this.#become('standby')) {
      this.#booted();
      this.#standbyAt = this.clock.now();
      this.#tell({ type: 'workerStandby', bootTime: this.#standbyAt - this.#forkedAt });
    }
  }

  #booted(): void {
    this.#cancelDeadline();
    this.output?.release();
    if (this.#standbyAt === undefined) {
      this.#heartbeats.start();
    }
  }

  get #isOutputPaused(): boolean {
    return this.#outputs.some(({ isPaused }) => isPaused);
  }

  #outputOf(stream: OutputStream, sinks: OutputSinks): WorkerOutput | undefined {
    const source = this.process[stream];
    if (!source) {
      return undefined;
    }
    let pausedAt = 0;
    return new WorkerOutput(source, sinks[stream], this.clock, {
      isHeld: stream === 'stderr',
      onPaused: () => {
        pausedAt = this.clock.now();
        this.#onOutputPaused();
        this.#tell({ type: 'workerOutputPaused', stream });
      },
      onResumed: () => {
        this.#onOutputResumed();
        const duration = this.clock.now() - pausedAt;
        this.#tell({ type: 'workerOutputResumed', stream, duration });
      },
    });
  }

  /** It may be waiting for us, and can do nothing else meanwhile: no time that it has runs on. */
  #onOutputPaused(): void {
    this.#heartbeats.suspend();
    if (this.isStarting) {
      this.#cancelDeadline();
    }
  }

  #onOutputResumed(): void {
    if (this.#isOutputPaused) {
      return;
    }
    this.#heartbeats.resume();
    if (!this.#hasEnded && this.#isExpectedToBeReady) {
      this.#killIfNotReady();
    }
  }

  /** Not of one that stands by: it has all the time that it is left. */
  get #isExpectedToBeReady(): boolean {
    const isPromoted = this.#state === 'standby' && this.#promotedAt !== undefined;
    return this.#state === 'booting' || isPromoted;
  }

  #onSilent(): void {
    this.#isSilent = true;
    this.observer.onSilent(this);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#hasEnded = true;
    this.#cancelDeadline();
    this.#heartbeats.stop();
    this.#ipc.close();
    this.#outputs.forEach(output => output.letFlow());
    const hadBooted = (this.#readyAt ?? this.#standbyAt) !== undefined;
    const hadReason = hadBooted || this.#toldToGo || this.#cause === 'signal';
    const reason = this.#killedFor ?? exitReason(this.#state, code, signal, hadReason);
    this.#afterLastWords(() => {
      this.#become('exited');
      this.#exit = {
        ...this.#mark(),
        type: 'workerExited',
        code,
        signal,
        reason,
        uptime: this.uptime,
        ...(this.#budget !== undefined && { budget: this.#budget }),
        ...(this.#phases && { phases: this.#phases }),
      };
      this.observer.onEvent(this, this.#exit);
    });
  }

  /** An exit may be known before the last of what the process wrote has arrived. */
  #afterLastWords(then: () => void): void {
    const { stdout, stderr } = this.process;
    const open = new Set([stdout, stderr].filter(isOpen));
    if (open.size === 0) {
      then();
      return;
    }
    const finish = (): void => {
      cancel();
      open.forEach(stream => stream.removeListener('close', onClose));
      then();
    };
    function onClose(this: Readable): void {
      open.delete(this);
      if (open.size === 0) {
        finish();
      }
    }
    // Whatever the worker has started may have inherited its standard streams, and keep them open.
    const cancel = this.clock.after(LAST_WORDS_MILLISECONDS, finish);
    open.forEach(stream => stream.once('close', onClose));
  }

  #killIfNotReady(): void {
    if (this.#bootTimeout !== undefined) {
      this.#killAfter(this.#bootTimeout, 'boot-timeout');
    }
  }

  #killAfter(timeout: number, reason: WorkerExitReason): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.clock.after(timeout, () => {
      this.#budget = timeout;
      this.kill(reason);
    });
  }

  #become(state: WorkerState): boolean {
    const legal = mayBecome(this.#state, state);
    if (legal) {
      this.#state = state;
    }
    return legal;
  }

  #tell(details: WorkerEventDetails): void {
    this.observer.onEvent(this, { ...details, ...this.#mark() });
  }

  #mark(): WorkerEvent {
    return { ...this.identify(), at: this.clock.wallTime() };
  }
}

function isOpen(stream: Readable | null): stream is Readable {
  return stream !== null && !stream.readableEnded && !stream.destroyed;
}
