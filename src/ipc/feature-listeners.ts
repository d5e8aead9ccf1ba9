import type { AnyFeatureProtocol, Message } from './protocol.js';

/**
 * Listeners for the messages that the primary sends to features, by message type.
 *
 * @internal
 */
export class FeatureListeners {
  readonly #listeners = new Map<string, Set<(message: never) => void>>();

  /**
   * Adds a listener for all messages of a feature. Several parts of a process may listen to the same feature.
   *
   * @returns a function that stops listening
   */
  add(
    { toWorker }: Pick<AnyFeatureProtocol, 'toWorker'>,
    listener: (message: never) => void,
  ): () => void {
    const types = Object.keys(toWorker);
    for (const type of types) {
      const listeners = this.#listeners.get(type) ?? new Set();
      this.#listeners.set(type, listeners.add(listener));
    }
    return () => types.forEach(type => this.#listeners.get(type)?.delete(listener));
  }

  deliver(message: Message): void {
    this.#listeners.get(message.type)?.forEach(listen => listen(message as never));
  }
}
