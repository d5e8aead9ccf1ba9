import type { WorkerState } from '../model/host-status.interface.js';
import type { FeatureProtocol, Message, QuestionOf, QuestionTable } from './protocol.js';

/** A process that runs the application, as a service in the primary sees it. @internal */
export interface ServiceClient<Down extends Message = Message> {
  /** Its place; -1 as long as it is a spare. */
  readonly slot: number;
  readonly state: WorkerState;
  /** Resolves when the message is written, or can no longer be. */
  send(message: Down): Promise<void>;
}

/**
 * The part of a feature that runs in the primary, one for all workers; in single mode, in the one process there is.
 * It knows nothing of the user's modules.
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
  /** A promise of nothing is watched: if it rejects, the question is answered with that. */
  onQuestion(client: ServiceClient<Down>, question: QuestionOf<Q>): void | Promise<void>;
  /** It takes requests. */
  onReady?(client: ServiceClient<Down>): void;
  /** It begins to leave. */
  onDraining?(client: ServiceClient<Down>): void;
  /** A spare has got a slot. */
  onPromoted?(client: ServiceClient<Down>): void;
  onExited?(client: ServiceClient<Down>): void;
  /** There is no such slot any more. */
  onSlotClosed?(slot: number): void;
}
