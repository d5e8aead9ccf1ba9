import { FeatureListeners } from '../ipc/feature-listeners.js';
import type { FeatureChannel, HostChannel } from '../ipc/host-channel.interface.js';
import type { ServiceClient } from '../ipc/primary-service.interface.js';
import type { FeatureProtocol, Message, QuestionTable } from '../ipc/protocol.js';
import { PrimaryRequestError } from '../model/errors/primary-request.error.js';
import type { PrimaryServices } from '../services/primary-services.js';
import { FairTurns } from '../system/async/fair-turns.js';
import { printableError } from '../system/text/printable.js';

/**
 * The channel of single mode: calls the services, which a primary would have otherwise, in this process.
 *
 * @internal
 */
export class LocalChannel implements HostChannel {
  readonly #turns = new FairTurns();
  readonly #listeners = new FeatureListeners();
  readonly #self: ServiceClient = {
    slot: 0,
    state: 'ready',
    send: message => {
      // Not synchronously within the call of the sender.
      queueMicrotask(() => this.#listeners.deliver(message));
      return Promise.resolve();
    },
  };

  constructor(private readonly services: PrimaryServices) {}

  open<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>(
    protocol: FeatureProtocol<Up, Down, Q>,
    onMessage: (message: Down) => void,
  ): FeatureChannel<Up, Q> {
    return {
      post: message => {
        this.services.onMessage(this.#self, message);
        return Promise.resolve();
      },
      ask: async (name, params) => {
        const answer = await this.#ask(name, params);
        await this.#turns.take();
        return answer;
      },
      flush: () => Promise.resolve(),
      close: this.#listeners.add(protocol, onMessage),
    };
  }

  #ask(name: string, params: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void =>
        reject(new PrimaryRequestError(name, printableError(error), true));
      try {
        this.services.onQuestion(this.#self, { name, params, answer: resolve })?.catch(failed);
      } catch (error) {
        failed(error);
      }
    });
  }
}
