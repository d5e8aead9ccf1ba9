import type { ClusterEvent, ClusterEventDetails } from '../events/cluster-event.interface.js';
import type {
  DrainPhases,
  ListeningAddress,
  WorkerExitReason,
  WorkerState,
} from '../events/worker-facts.js';
import type { Clock } from '../process/clock.js';
import type { LeaveTerms, Positions, Question, ToPrimary, ToWorker } from '../wire/messages.js';
import { WireChannel } from '../wire/wire-channel.js';
import { exitReason } from './exit-reason.js';
import { WorkerOutput } from './worker-output.js';
import type { WorkerProcess } from './worker-process.js';
import { mayBecome } from './worker-states.js';

/** How long the last words of a process may be on their way after its exit. */
const LAST_WORDS_MILLISECONDS = 100;

/** What a handle tells its supervisor. @internal */
export interface WorkerHandleObserver {
  onEvent(handle: WorkerHandle, event: ClusterEvent): void;
  onQuestion(handle: WorkerHandle, question: Question): void;
  onWatch(handle: WorkerHandle): void;
  onClient(handle: WorkerHandle, client: string, key?: string): void;
  onPositions(handle: WorkerHandle, positions: Positions): void;
}

/**
 * A worker as the supervisor sees it: the state it is in, and the few things that can be done to
 * it. Knows one process and nothing of slots, restarts or other workers.
 *
 * @internal
 */
export class WorkerHandle {
  readonly forkedAt: number;
  readonly output: WorkerOutput | undefined;
  readonly #addresses: ListeningAddress[] = [];
  readonly #wire: WireChannel<ToWorker, ToPrimary>;
  #state: WorkerState = 'booting';
  #readyAt: number | undefined;
  #phases: DrainPhases | undefined;
  #killedFor: WorkerExitReason | undefined;
  #toldToGo = false;
  #cancelDeadline: () => void = () => {};

  constructor(
    private readonly process: WorkerProcess,
    readonly slot: number,
    readonly generation: number,
    bootTimeout: number | undefined,
    private readonly clock: Clock,
    private readonly observer: WorkerHandleObserver,
  ) {
    this.forkedAt = clock.now();
    this.output = process.stderr
      ? new WorkerOutput(process.stderr, globalThis.process.stderr, clock)
      : undefined;
    this.#wire = new WireChannel(
      process.link,
      message => this.#onMessage(message),
      question => observer.onQuestion(this, question),
    );
    if (bootTimeout !== undefined) {
      this.#killAfter(bootTimeout, 'boot-timeout');
    }
    process.onOnline(() => this.#tell({ type: 'workerOnline' }));
    process.onListening(address => this.#onListening(address));
    process.onDisconnect(() => this.#tell({ type: 'workerDisconnected' }));
    process.onExit((code, signal) => this.#onExit(code, signal));
    this.#tell({ type: 'workerForked' });
  }

  get id(): number {
    return this.process.id;
  }

  get pid(): number {
    return this.process.pid;
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Where its servers listen. */
  get addresses(): readonly ListeningAddress[] {
    return this.#addresses;
  }

  /** Milliseconds since the worker became ready, 0 if it never was. */
  get readyFor(): number {
    return this.#readyAt === undefined ? 0 : this.clock.now() - this.#readyAt;
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
      void this.#wire.post({ type: 'drain', ...terms, ...(signal && { signal }) });
    }
    this.leaves(terms);
  }

  /** Notes that the worker leaves; what has not left in time is killed. */
  leaves({ cause, timeout }: LeaveTerms): void {
    if (this.#state === 'exited') {
      return;
    }
    this.#killAfter(timeout, 'drain-timeout');
    if (this.#become('draining')) {
      this.#tell({ type: 'workerDraining', cause });
    }
  }

  kill(reason: WorkerExitReason): void {
    if (this.#state !== 'exited') {
      this.#killedFor ??= reason;
      this.process.kill('SIGKILL');
    }
  }

  /** Resolves when it is written, or can no longer be. */
  send(message: ToWorker): Promise<void> {
    return this.#state === 'exited' ? Promise.resolve() : this.#wire.post(message);
  }

  #onMessage(message: ToPrimary): void {
    switch (message.type) {
      case 'listening':
        this.#onListening(message.address);
        break;
      case 'ready':
        this.#onReady();
        break;
      case 'left':
        this.#phases = message.phases;
        break;
      case 'watch':
        this.observer.onWatch(this);
        break;
      case 'client':
        this.observer.onClient(this, message.client);
        break;
      case 'locks':
        this.observer.onClient(this, message.client, message.key);
        break;
      case 'positions':
        this.observer.onPositions(this, message.positions);
        break;
    }
  }

  #onListening(address: ListeningAddress): void {
    this.#addresses.push(address);
    this.#tell({ type: 'workerListening', address });
  }

  #onReady(): void {
    if (this.#become('ready')) {
      this.#cancelDeadline();
      this.output?.release();
      this.#readyAt = this.clock.now();
      this.#tell({ type: 'workerReady', bootTime: this.#readyAt - this.forkedAt });
    }
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#cancelDeadline();
    this.#wire.close();
    const reason =
      this.#killedFor ??
      exitReason(this.#state, code, signal, this.#readyAt !== undefined || this.#toldToGo);
    this.#afterLastWords(() => {
      this.#become('exited');
      this.#tell({
        type: 'workerExited',
        code,
        signal,
        reason,
        uptime: this.clock.now() - this.forkedAt,
        ...(this.#phases && { phases: this.#phases }),
      });
    });
  }

  /** An exit may be known before the last of what the process wrote has arrived. */
  #afterLastWords(then: () => void): void {
    const { stderr } = this.process;
    if (!stderr || stderr.readableEnded || stderr.destroyed) {
      then();
      return;
    }
    // Whatever the worker has started may have inherited its standard error, and keep it open.
    const cancel = this.clock.after(LAST_WORDS_MILLISECONDS, finish);
    stderr.once('close', finish);
    function finish(): void {
      cancel();
      stderr?.off('close', finish);
      then();
    }
  }

  #killAfter(timeout: number, reason: WorkerExitReason): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.clock.after(timeout, () => this.kill(reason));
  }

  #become(state: WorkerState): boolean {
    const legal = mayBecome(this.#state, state);
    if (legal) {
      this.#state = state;
    }
    return legal;
  }

  #tell(details: ClusterEventDetails): void {
    this.observer.onEvent(this, {
      ...details,
      slot: this.slot,
      generation: this.generation,
      id: this.id,
      pid: this.pid,
      at: this.clock.now(),
    });
  }
}
