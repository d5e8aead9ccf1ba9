import type { CommandOutcome } from '../../ipc/supervision.protocol.js';
import type { ClusterEvent, OutputStream } from '../../model/events/cluster-event.interface.js';
import type {
  FleetStatus,
  RolloutResult,
  RolloutStep,
} from '../../model/fleet-status.interface.js';
import type { HostStatus, ReloadResult } from '../../model/host-status.interface.js';
import type { ControlAnswer, ControlTopic } from '../control.protocol.js';
import type { Inspection, InspectionProgress } from '../inspection.js';
import type { ControlOutput, RestartResult } from '../control-messages.js';

/** What an inspection needs from its client. @internal */
export interface InspectionContext {
  /** Tells how it goes on. */
  readonly item: (progress: InspectionProgress) => void;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** The host, as its control socket sees it. @internal */
export interface ControlledHost {
  status(): HostStatus;
  reload(): Promise<CommandOutcome<ReloadResult>>;
  /**
   * @param wanted returns the new number of workers; called with the current one when the command starts
   */
  scale(wanted: (now: number) => number): Promise<CommandOutcome<number>>;
  /**
   * Replaces the worker in a slot. The value is `undefined` if there is no such slot.
   *
   * @param caller the worker that waits for the outcome, if any
   */
  restart(slot: number, caller?: object): Promise<CommandOutcome<RestartResult | undefined>>;
  stop(): void;
  /**
   * Calls the listener with all further events.
   *
   * @returns a function that ends it
   */
  onEvent(listener: (event: ClusterEvent) => void): () => void;
  /** As `onEvent()`, with the output of the workers that goes through the primary. */
  onOutput(listener: (output: ControlOutput) => void): () => void;
  /** The end of the output of each worker, up to 8 KB of each stream. */
  tails(): readonly ControlOutput[];
  /** The streams of the workers that go through the primary. */
  readonly streams: readonly OutputStream[];
  /** Asks a worker; `undefined` if none answers. */
  ask(topic: ControlTopic): Promise<ControlAnswer | undefined>;
  /**
   * Looks into a live worker.
   *
   * @throws ControlError
   */
  inspect(inspection: Inspection, context: InspectionContext): Promise<unknown>;
  /** The metrics in the text format of Prometheus; `undefined` if the application does not use them. */
  metrics(): Promise<string | undefined>;
  /** All hosts of the namespace; `undefined` without Redis. */
  readonly fleet: ControlledFleet | undefined;
}

/** The hosts of the namespace, as the control socket of one of them sees them. @internal */
export interface ControlledFleet {
  /** @throws ControlError */
  status(): Promise<FleetStatus>;
  /**
   * Reloads host after host.
   *
   * @param maxUnavailable how many hosts reload at the same time, after the first one has succeeded
   * @throws ControlError if nothing was begun, or it cannot be continued
   */
  reload(maxUnavailable: number, onProgress: (step: RolloutStep) => void): Promise<RolloutResult>;
}
