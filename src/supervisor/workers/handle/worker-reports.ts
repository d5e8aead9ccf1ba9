import type { WorkerEventDetails } from '../../../model/events/cluster-event.interface.js';
import type { ListeningAddress, WorkerVitals } from '../../../model/host-status.interface.js';
import type { Clock } from '../../../system/time/clock.js';
import type { BootFailure } from '../../../ipc/supervision.protocol.js';
import type { WorkerOutput } from '../../output/worker-output.js';
import { ListeningAddresses } from './listening-addresses.js';
import type { SupervisionReceivers } from './supervision-receivers.js';
import type { WorkerEnding } from './worker-ending.js';
import type { WorkerLife } from './worker-life.js';
import type { WorkerLimits } from './worker-limits.js';
import type { WorkerObserver } from './worker-observer.interface.js';

/** @internal */
export interface WorkerReportsDependencies {
  readonly life: WorkerLife;
  readonly limits: Pick<WorkerLimits, 'booted'>;
  readonly ending: WorkerEnding;
  readonly clock: Pick<Clock, 'now'>;
  /** Its standard error. */
  readonly output: Pick<WorkerOutput, 'hold' | 'release'> | undefined;
  readonly tell: (details: WorkerEventDetails) => void;
  readonly observer: Pick<
    WorkerObserver,
    'onVitals' | 'onRecovered' | 'onUnpromotable' | 'onWatch'
  >;
}

/**
 * Handles what a worker reports about itself.
 *
 * @internal
 */
export class WorkerReports {
  readonly #addresses = new ListeningAddresses();
  #vitals: WorkerVitals | undefined;
  #heartbeatAt: number | undefined;

  constructor(private readonly deps: WorkerReportsDependencies) {}

  /** The receivers, by the type of the message. */
  readonly receivers: SupervisionReceivers = {
    listening: ({ address }) => this.listening(address),
    ready: () => this.#ready(),
    bootFailed: ({ failure }) => this.#bootFailed(failure),
    standby: () => this.#standby(),
    unpromotable: () => this.deps.observer.onUnpromotable(),
    recovered: () => this.deps.observer.onRecovered(),
    heartbeat: ({ vitals }) => this.#heartbeat(vitals),
    left: ({ phases, unfinished }) => this.deps.ending.drained(phases, unfinished),
    watch: () => this.deps.observer.onWatch(),
  };

  /** The addresses on which its servers listen. */
  get addresses(): readonly ListeningAddress[] {
    return this.#addresses.all;
  }

  /** The vitals of its last heartbeat. */
  get vitals(): WorkerVitals | undefined {
    return this.#vitals;
  }

  /** When its last heartbeat came. */
  get heartbeatAt(): number | undefined {
    return this.#heartbeatAt;
  }

  listening(address: ListeningAddress): void {
    this.deps.ending.bootGoesOn();
    if (this.#addresses.add(address)) {
      this.deps.tell({ type: 'workerListening', address });
    }
  }

  #ready(): void {
    const { life, tell } = this.deps;
    if (life.become('ready')) {
      this.#booted();
      // Vitals of the boot say nothing about how it serves.
      this.#vitals = undefined;
      tell({ type: 'workerReady', bootTime: life.bootTime });
    }
  }

  #standby(): void {
    const { life, tell } = this.deps;
    if (life.become('standby')) {
      this.#booted();
      tell({ type: 'workerStandby', bootTime: life.bootTime });
    }
  }

  #booted(): void {
    this.deps.limits.booted();
    this.deps.output?.release();
  }

  #bootFailed(failure: BootFailure): void {
    const { ending, life, output } = this.deps;
    ending.bootFailed(failure);
    // A slow boot shows its output; output about its failure is held back, because the primary may report it.
    if (life.isStarting) {
      output?.hold();
    }
  }

  #heartbeat(vitals: WorkerVitals): void {
    this.#vitals = vitals;
    this.#heartbeatAt = this.deps.clock.now();
    this.deps.observer.onVitals();
  }
}
