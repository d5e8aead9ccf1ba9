import { FeatureListeners } from '../ipc/feature-listeners.js';
import type { FeatureChannel, HostChannel } from '../ipc/host-channel.interface.js';
import type { IpcChannel } from '../ipc/ipc-channel.js';
import {
  type FeatureProtocol,
  type Message,
  type QuestionTable,
  workerEnd,
} from '../ipc/protocol.js';
import type { SupervisionQuestions, SupervisionToPrimary } from '../ipc/supervision.protocol.js';

/**
 * The channels of a worker's features, over the one IPC channel to its primary.
 *
 * @internal
 */
export class FeatureChannels implements HostChannel {
  readonly #listeners = new FeatureListeners();

  constructor(
    private readonly ipc: IpcChannel<SupervisionToPrimary, Message, SupervisionQuestions>,
  ) {}

  open<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>(
    protocol: FeatureProtocol<Up, Down, Q>,
    onMessage: (message: Down) => void,
  ): FeatureChannel<Up, Q> {
    const channel = this.ipc.extend<Up, Down, Q>(workerEnd(protocol));
    return {
      post: message => channel.post(message),
      ask: (name, params, timeout) => channel.ask(name, params, timeout),
      flush: async () => {
        await this.ipc.ask('flush', null);
      },
      close: this.#listeners.add(protocol, onMessage),
    };
  }

  /** Delivers a message to the listeners of its feature. */
  deliver(message: Message): void {
    this.#listeners.deliver(message);
  }
}
