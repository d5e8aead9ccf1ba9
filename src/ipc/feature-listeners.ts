import type { AnyFeatureProtocol, Message } from './protocol.js';

/**
 * The parts of a process that hear what the primary says to their features, by the types of messages.
 *
 * @internal
 */
export class FeatureListeners {
  readonly #listeners = new Map<string, Set<(message: never) => void>>();

  /**
   * Every part that has opened a feature hears all of its messages.
   *
   * @returns stops to listen
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
