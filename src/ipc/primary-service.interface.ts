import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type { HostStatus, WorkerState } from '../model/host-status.interface.js';
import type { FeatureProtocol, Message, QuestionOf, QuestionTable } from './protocol.js';

/** A process that runs the application, as a service of the primary sees it. @internal */
export interface ServiceClient<Down extends Message = Message> {
  /** Its slot; −1 as long as it is a spare. */
  readonly slot: number;
  readonly state: WorkerState;
  /** Resolves when the message is written, or cannot be written any more. */
  send(message: Down): Promise<void>;
}

/** The host, as a service of its primary sees it. @internal */
export interface ServiceHost {
  status(): HostStatus;
  /** Connections that other workers took over because their worker had ended before it read them. */
  redelivered(): number;
}

/**
 * The part of a feature that runs in the primary, once for all workers; in single mode, it runs in the only process.
 * It does not use the user's modules.
 *
 * @internal
 */
export interface PrimaryService<
  Up extends Message = never,
  Down extends Message = never,
  Q extends QuestionTable<Q> = object,
> {
  readonly protocol: FeatureProtocol<Up, Down, Q>;
  onMessage(client: ServiceClient<Down>, message: Up): void;
  /** If a returned promise rejects, the question is answered with that error. */
  onQuestion(client: ServiceClient<Down>, question: QuestionOf<Q>): void | Promise<void>;
  /** The host starts. */
  onStart?(host: ServiceHost): void;
  /** A lifecycle event of the host or of a worker. */
  onEvent?(event: ClusterEvent): void;
  /** The worker is ready. */
  onReady?(client: ServiceClient<Down>): void;
  /** The worker begins to drain. */
  onDraining?(client: ServiceClient<Down>): void;
  /** A spare has taken over a slot. */
  onPromoted?(client: ServiceClient<Down>): void;
  onExited?(client: ServiceClient<Down>): void;
  /** The slot no longer exists. */
  onSlotClosed?(slot: number): void;
}
