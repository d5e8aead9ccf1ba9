import type { FeatureProtocol, Message, QuestionTable } from './protocol.js';

/** How one feature reaches its service in the primary. @internal */
export interface FeatureChannel<Up extends Message, Q extends QuestionTable<Q>> {
  /** Sends a message; resolves when it is written, or can no longer be. */
  post(message: Up): Promise<void>;
  /**
   * Asks and waits for the answer: at most `timeout` milliseconds or, without one, for as long as the primary can be
   * reached.
   *
   * @throws PrimaryUnreachableError if none comes in time, or the primary is gone
   * @throws PrimaryRequestError if the primary cannot answer
   */
  ask<Name extends keyof Q & string>(
    name: Name,
    params: Q[Name]['params'],
    timeout?: number,
  ): Promise<Q[Name]['answer']>;
  /**
   * Resolves when the primary has handled everything that was said before.
   *
   * @throws PrimaryUnreachableError if the primary is gone
   */
  flush(): Promise<void>;
  /** Hears no more messages. */
  close(): void;
}

/**
 * What a feature reaches its service in the primary over: IPC in a worker; in single mode, where this process has the
 * services, calls.
 *
 * @internal
 */
export interface HostChannel {
  /** @param onMessage hears all messages of the feature, whichever of its parts in this process they are for */
  open<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>(
    protocol: FeatureProtocol<Up, Down, Q>,
    onMessage: (message: Down) => void,
  ): FeatureChannel<Up, Q>;
}
