import type { FeatureProtocol, Message, QuestionTable } from './protocol.js';

/** The channel between a feature and its service in the primary. @internal */
export interface FeatureChannel<Up extends Message, Q extends QuestionTable<Q>> {
  /** Sends a message; resolves when it is written, or cannot be written any more. */
  post(message: Up): Promise<void>;
  /**
   * Asks a question, and resolves with the answer. Waits for at most `timeout` milliseconds or, without one, as long
   * as the primary can be reached.
   *
   * @throws PrimaryUnreachableError if no answer comes in time, or the primary has ended
   * @throws PrimaryRequestError if the primary cannot answer
   */
  ask<Name extends keyof Q & string>(
    name: Name,
    params: Q[Name]['params'],
    timeout?: number,
  ): Promise<Q[Name]['answer']>;
  /**
   * Resolves when the primary has handled everything that was sent before.
   *
   * @throws PrimaryUnreachableError if the primary has ended
   */
  flush(): Promise<void>;
  /** Stops listening to messages. */
  close(): void;
}

/**
 * Opens channels between features and their services in the primary: over IPC in a worker, by direct calls in single
 * mode, where this process has the services.
 *
 * @internal
 */
export interface HostChannel {
  /**
   * @param onMessage receives all messages of the feature, also those for other parts of this process
   */
  open<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>(
    protocol: FeatureProtocol<Up, Down, Q>,
    onMessage: (message: Down) => void,
  ): FeatureChannel<Up, Q>;
}
