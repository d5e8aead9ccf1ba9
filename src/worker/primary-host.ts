import type { Logger } from '@nestjs/common';
import { Observable, share, Subject } from 'rxjs';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  ReloadResult,
  UnfinishedWork,
  WorkerVitals,
} from '../model/host-status.interface.js';
import type { HostChannel } from '../ipc/host-channel.interface.js';
import { type Message, workerEnd } from '../ipc/protocol.js';
import {
  type BootFailure,
  type CommandFailure,
  type CommandOutcome,
  type LeaveTerms,
  type PortAddress,
  supervisionProtocol,
  type SupervisionQuestions,
  type SupervisionToPrimary,
  type SupervisionToWorker,
} from '../ipc/supervision.protocol.js';
import { ownHello } from '../ipc/protocol-version.js';
import { HostStoppingError } from '../model/errors/host-stopping.error.js';
import { ReloadFailedError } from '../model/errors/reload-failed.error.js';
import { ScaleFailedError } from '../model/errors/scale-failed.error.js';
import { sendConnection } from '../ipc/connection-message.js';
import { IpcChannel } from '../ipc/ipc-channel.js';
import type { IpcLink } from '../ipc/ipc-link.interface.js';
import { printableStack } from '../system/text/printable.js';
import type { Host } from '../runtime/host.interface.js';
import { FeatureChannels } from './feature-channels.js';
import { workerMessages } from '../runtime/runtime.messages.js';

/** Timeout of `status()` in ms. */
const STATUS_TIMEOUT = 5_000;

/** The terms for leaving without a primary: nobody waits for the worker, and it must not run on for long. @internal */
export const ORPHAN_TERMS: LeaveTerms = { cause: 'orphaned', timeout: 3_500 };

/** Milliseconds that a primary has to kill a worker whose time is over. A busy one, or none, must not keep it running. */
const KILL_GRACE = 1_000;

/** The order to leave, as sent over IPC. @internal */
export type DrainOrder = Extract<SupervisionToWorker, { type: 'drain' }>;

/** The orders of a primary to its worker. @internal */
export interface PrimaryOrders {
  onDrain(order: DrainOrder): void;
  /** Tells an overloaded worker to accept new connections. */
  onOpen(): void;
  /** Tells a spare to take a slot. */
  onPromote(slot: number): void;
}

/**
 * The host of a worker: its primary, over IPC.
 *
 * @internal
 */
export class PrimaryHost implements Host {
  readonly #ipc: IpcChannel<SupervisionToPrimary, Message, SupervisionQuestions>;
  readonly #features: FeatureChannels;
  readonly #received = new Subject<ClusterEvent>();
  readonly events: Observable<ClusterEvent>;

  constructor(
    private readonly link: IpcLink,
    orders: PrimaryOrders,
    logger: Pick<Logger, 'warn' | 'error'>,
  ) {
    this.#ipc = new IpcChannel(link, workerEnd(supervisionProtocol), {
      onMessage: message => this.#onMessage(message, orders),
      onInvalid: reason => logger.warn(workerMessages.invalid(reason)),
      onFault: (what, error) => logger.error(workerMessages.fault(what), printableStack(error)),
    });
    this.#features = new FeatureChannels(this.#ipc);
    this.#ipc.introduce(ownHello());
    let watching = false;
    this.events = new Observable<ClusterEvent>(subscriber => {
      if (!watching) {
        watching = true;
        void this.#ipc.post({ type: 'watch' });
      }
      return this.#received.subscribe(subscriber);
    }).pipe(share());
  }

  get channel(): HostChannel {
    return this.#features;
  }

  get killGrace(): number {
    return this.link.connected ? KILL_GRACE : 0;
  }

  status(timeout = STATUS_TIMEOUT): Promise<HostStatus> {
    return this.#ipc.ask('status', null, timeout);
  }

  listening(address: ListeningAddress): void {
    void this.#ipc.post({ type: 'listening', address });
  }

  ready(): void {
    void this.#ipc.post({ type: 'ready' });
  }

  bootFailed(failure: BootFailure): void {
    this.#ipc.postNow({ type: 'bootFailed', failure });
  }

  heartbeat(vitals: WorkerVitals): void {
    this.#ipc.offer({ type: 'heartbeat', vitals });
  }

  async overloaded(delay: number): Promise<boolean> {
    return this.#ipc.ask('overloaded', delay).catch(() => false);
  }

  recovered(): void {
    void this.#ipc.post({ type: 'recovered' });
  }

  standby(): void {
    void this.#ipc.post({ type: 'standby' });
  }

  unpromotable(): void {
    void this.#ipc.post({ type: 'unpromotable' });
  }

  async reload(): Promise<ReloadResult> {
    return valueOf(await this.#ipc.ask('reload', null), ({ generation, why, worker }) => {
      return new ReloadFailedError(generation, why, worker);
    });
  }

  async scale(workers: number): Promise<number> {
    return valueOf(await this.#ipc.ask('scale', workers), ({ why, worker }) => {
      return new ScaleFailedError(workers, why, worker);
    });
  }

  leave(cause: DrainCause): Promise<LeaveTerms> {
    // The answer may take long: for the readiness delay, or until a replacement is ready.
    return this.#ipc.ask('leave', cause).catch(() => ORPHAN_TERMS);
  }

  async flush(): Promise<void> {
    // If the primary has ended, it hands nothing over either.
    await this.#ipc.ask('flush', null).catch(() => {});
  }

  async takesConnections(address: ListeningAddress): Promise<boolean> {
    return this.#ipc.ask('takesConnections', address).catch(() => false);
  }

  async claimPort(address: PortAddress): Promise<boolean> {
    // Without a primary, this process is about to leave.
    return this.#ipc.ask('claimPort', address).catch(() => true);
  }

  async handOver(address: ListeningAddress, handle: object): Promise<boolean> {
    const isSent = await sendConnection(this.link, { to: 'address', address }, handle);
    // The channel is in order: the primary has its copy.
    await this.flush();
    return isSent;
  }

  async left(phases: DrainPhases, unfinished?: UnfinishedWork): Promise<void> {
    await this.#ipc.post({ type: 'left', phases, ...(unfinished && { unfinished }) });
  }

  #onMessage(received: Message, orders: PrimaryOrders): void {
    const message = received as SupervisionToWorker;
    switch (message.type) {
      case 'drain':
        orders.onDrain(message);
        break;
      case 'open':
        orders.onOpen();
        break;
      case 'promote':
        orders.onPromote(message.slot);
        break;
      case 'event':
        this.#received.next(message.event);
        break;
      default:
        this.#features.deliver(received);
    }
  }
}

function valueOf<Value>(
  outcome: CommandOutcome<Value>,
  asError: (failure: CommandFailure) => Error,
): Value {
  if (outcome.type === 'done') {
    return outcome.value;
  }
  if (outcome.type === 'broken') {
    throw new Error(outcome.why);
  }
  throw outcome.type === 'failed' ? asError(outcome.failure) : new HostStoppingError();
}
