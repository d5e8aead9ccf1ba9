import type { WorkerExitedEvent } from '../../../src/model/events/cluster-event.interface.js';
import type {
  DrainCause,
  ListeningAddress,
  WorkerExitReason,
  WorkerIdentity,
  WorkerState,
  WorkerStatus,
  WorkerVitals,
} from '../../../src/model/host-status.interface.js';
import type { BootFailure, LeaveTerms } from '../../../src/ipc/supervision.protocol.js';
import type { WorkerHandle } from '../../../src/supervisor/workers/handle/worker-handle.js';

let nextId = 1;

/** A worker handle in the state that a test gives it. It notes what it is told to do. */
export class FakeWorkerHandle {
  readonly id = nextId++;
  readonly pid = 20_000 + this.id;
  state: WorkerState = 'ready';
  isHung = false;
  /** Whether it was ever ready or on standby. */
  hasBooted = false;
  isOverloaded = false;
  sendsHeartbeats = false;
  vitals: WorkerVitals | undefined;
  readyFor = 0;
  uptime = 0;
  addresses: readonly ListeningAddress[] = [];
  exit: WorkerExitedEvent | undefined;
  readonly ending: {
    leftOnSignal: boolean;
    isItsOwn: boolean;
    error: string | undefined;
    bootFailure: BootFailure | undefined;
  } = { leftOnSignal: false, isItsOwn: false, error: undefined, bootFailure: undefined };
  /** What it is told, in order. */
  readonly orders: unknown[] = [];
  /** What was done with its output, in order. */
  readonly printed: string[] = [];
  readonly output = {
    tail: '',
    release: (): void => void this.printed.push('released'),
    hold: (): void => void this.printed.push('held'),
    drop: (): void => void this.printed.push('dropped'),
    filter: (): void => void this.printed.push('filtered'),
  };

  /** Called when it is killed. */
  onKill: (reason: WorkerExitReason) => void = () => {};

  constructor(
    public slot = 0,
    readonly generation = 0,
  ) {}

  get handle(): WorkerHandle {
    return this as unknown as WorkerHandle;
  }

  get isStarting(): boolean {
    return this.state === 'booting' || this.state === 'standby';
  }

  get isWaiting(): boolean {
    return this.state === 'standby' && !this.isHung;
  }

  get serves(): boolean {
    return this.state === 'ready' && !this.isHung;
  }

  get takesConnections(): boolean {
    return this.serves && !this.isOverloaded;
  }

  identify(): WorkerIdentity {
    const { slot, generation, id, pid } = this;
    return { slot, generation, id, pid };
  }

  describe(): Omit<WorkerStatus, 'restarts'> {
    const { state, serves, uptime } = this;
    return { ...this.identify(), state, serves, uptime };
  }

  promote(slot: number): void {
    this.slot = slot;
    this.orders.push(`promote ${slot}`);
  }

  drain({ cause }: { readonly cause: DrainCause }): void {
    this.orders.push(`drain ${cause}`);
    this.state = 'draining';
  }

  leaves({ cause }: LeaveTerms): void {
    this.orders.push(`leaves ${cause}`);
    this.state = 'draining';
  }

  kill(reason: WorkerExitReason): void {
    this.orders.push(`kill ${reason}`);
    this.onKill(reason);
  }

  send(message: unknown): Promise<void> {
    this.orders.push(message);
    return Promise.resolve();
  }

  /** Ends it, and returns the event. */
  ends(
    reason: WorkerExitReason,
    details: Partial<Pick<WorkerExitedEvent, 'code' | 'signal' | 'uptime'>> = {},
  ): WorkerExitedEvent {
    this.state = 'exited';
    const code = reason === 'left' ? 0 : 1;
    const how = { code, signal: null, uptime: 1_000, ...details };
    this.exit = { ...this.identify(), ...how, type: 'workerExited', reason, at: 0 };
    return this.exit;
  }
}
