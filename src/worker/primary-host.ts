import type { Logger } from '@nestjs/common';
import { Observable, share, Subject } from 'rxjs';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  ReloadResult,
  WorkerVitals,
} from '../model/host-status.interface.js';
import type { BusTransport } from '../bus/bus-transport.interface.js';
import type { GrantListeners } from '../state/backends/memory/memory-executor.js';
import type { StateExecutor } from '../state/state-executor.interface.js';
import {
  type BootFailure,
  type CommandFailure,
  type CommandOutcome,
  type Estate,
  type LeaveTerms,
  type Positions,
  type ToWorker,
  type WorkerChannel,
  workerProtocol,
} from '../ipc/messages.js';
import { ownHello } from '../ipc/protocol-version.js';
import { HostStoppingError } from '../model/errors/host-stopping.error.js';
import { ReloadFailedError } from '../model/errors/reload-failed.error.js';
import { ScaleFailedError } from '../model/errors/scale-failed.error.js';
import { WireChannel, type WireLink } from '../ipc/ipc-channel.js';
import { printableStack } from '../system/text/printable.js';
import type { Host } from '../runtime/host.interface.js';
import { WireExecutor } from '../state/backends/ipc/ipc-executor.js';
import { type BusListeners, WireTransport } from '../bus/transports/ipc/ipc-transport.js';
import { workerMessages } from '../runtime/runtime.messages.js';

/** Milliseconds that a caller of `status()` waits. */
const STATUS_TIMEOUT = 5_000;

/** When the primary is not there to say: nobody waits for the worker, and it must not linger. @internal */
export const ORPHAN_TERMS: LeaveTerms = { cause: 'orphaned', timeout: 3_500 };

/** The order to leave, as it came over the wire. @internal */
export type DrainOrder = Extract<ToWorker, { type: 'drain' }>;

/** What a primary has a worker do. @internal */
export interface PrimaryOrders {
  onDrain(order: DrainOrder): void;
  /** To one that is overloaded: take new connections all the same. */
  onOpen(): void;
  /** To a spare: take this slot. */
  onPromote(slot: number): void;
}

/**
 * A worker's host: its primary, over the wire.
 *
 * @internal
 */
export class PrimaryHost implements Host {
  readonly #wire: WorkerChannel;
  readonly #received = new Subject<ClusterEvent>();
  readonly #grants: GrantListeners = new Map();
  readonly #busListeners: BusListeners = new Map();
  readonly #buriers = new Set<(estate: Estate) => void>();
  readonly events: Observable<ClusterEvent>;

  constructor(link: WireLink, orders: PrimaryOrders, logger: Pick<Logger, 'warn' | 'error'>) {
    this.#wire = new WireChannel(link, workerProtocol, {
      onMessage: message => this.#onMessage(message, orders),
      onInvalid: reason => logger.warn(workerMessages.invalid(reason)),
      onFault: (what, error) => logger.error(workerMessages.fault(what), printableStack(error)),
    });
    this.#wire.introduce(ownHello());
    let watching = false;
    this.events = new Observable<ClusterEvent>(subscriber => {
      if (!watching) {
        watching = true;
        void this.#wire.post({ type: 'watch' });
      }
      return this.#received.subscribe(subscriber);
    }).pipe(share());
  }

  status(timeout = STATUS_TIMEOUT): Promise<HostStatus> {
    return this.#wire.ask('status', null, timeout);
  }

  listening(address: ListeningAddress): void {
    void this.#wire.post({ type: 'listening', address });
  }

  ready(): void {
    void this.#wire.post({ type: 'ready' });
  }

  bootFailed(failure: BootFailure): void {
    this.#wire.postNow({ type: 'bootFailed', failure });
  }

  heartbeat(vitals: WorkerVitals): void {
    this.#wire.offer({ type: 'heartbeat', vitals });
  }

  async overloaded(delay: number): Promise<boolean> {
    return this.#wire.ask('overloaded', delay).catch(() => false);
  }

  recovered(): void {
    void this.#wire.post({ type: 'recovered' });
  }

  standby(): void {
    void this.#wire.post({ type: 'standby' });
  }

  unpromotable(): void {
    void this.#wire.post({ type: 'unpromotable' });
  }

  async reload(): Promise<ReloadResult> {
    return valueOf(await this.#wire.ask('reload', null), ({ generation, why, worker }) => {
      return new ReloadFailedError(generation, why, worker);
    });
  }

  async scale(workers: number): Promise<number> {
    return valueOf(await this.#wire.ask('scale', workers), ({ why, worker }) => {
      return new ScaleFailedError(workers, why, worker);
    });
  }

  leave(cause: DrainCause): Promise<LeaveTerms> {
    // The answer may take its time: for a readiness delay, or for a replacement to become ready.
    return this.#wire.ask('leave', cause).catch(() => ORPHAN_TERMS);
  }

  async flush(): Promise<void> {
    // A primary that is gone hands nothing over either.
    await this.#wire.ask('flush', null).catch(() => {});
  }

  openMemory(): StateExecutor {
    return new WireExecutor(this.#wire, this.#grants);
  }

  openBus(): BusTransport {
    return new WireTransport(this.#wire, this.#busListeners);
  }

  announceClient(client: string, key?: string): Promise<void> {
    return this.#wire.post({ type: 'client', client, ...(key !== undefined && { key }) });
  }

  keepPositions(positions: Positions): Promise<void> {
    return this.#wire.post({ type: 'positions', positions });
  }

  async inheritedPositions(): Promise<Positions> {
    return this.#wire.ask('positions', null).catch(() => ({}));
  }

  onBury(listener: (estate: Estate) => void): () => void {
    this.#buriers.add(listener);
    return () => this.#buriers.delete(listener);
  }

  async left(phases: DrainPhases): Promise<void> {
    await this.#wire.post({ type: 'left', phases });
  }

  #onMessage(message: ToWorker, orders: PrimaryOrders): void {
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
      case 'grant':
        this.#grants.get(message.client)?.(message.grant);
        break;
      case 'bury':
        this.#buriers.forEach(bury => bury(message.estate));
        break;
      case 'text':
        this.#busListeners.get(message.member)?.onText(message.channel, message.text);
        break;
      case 'skipped':
        this.#busListeners.get(message.member)?.onSkipped(message.channel, message.mark);
        break;
      case 'member':
        this.#busListeners.get(message.member)?.onMember(message.change);
        break;
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
