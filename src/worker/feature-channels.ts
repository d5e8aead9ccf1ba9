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
 * The features of a worker, on the one channel to its primary. What has been opened by more than one part of the
 * worker is heard by all of them.
 *
 * @internal
 */
export class FeatureChannels implements HostChannel {
  readonly #listeners = new Map<string, Set<(message: never) => void>>();

  constructor(
    private readonly ipc: IpcChannel<SupervisionToPrimary, Message, SupervisionQuestions>,
  ) {}

  open<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>(
    protocol: FeatureProtocol<Up, Down, Q>,
    onMessage: (message: Down) => void,
  ): FeatureChannel<Up, Q> {
    const types = Object.keys(protocol.toWorker);
    const channel = this.ipc.extend<Up, Down, Q>(workerEnd(protocol));
    for (const type of types) {
      const listeners = this.#listeners.get(type) ?? new Set();
      this.#listeners.set(type, listeners.add(onMessage));
    }
    return {
      post: message => channel.post(message),
      ask: (name, params, timeout) => channel.ask(name, params, timeout),
      flush: async () => {
        await this.ipc.ask('flush', null);
      },
      close: () => types.forEach(type => this.#listeners.get(type)?.delete(onMessage)),
    };
  }

  /** Brings a message to the parts of this worker that have opened its feature. */
  deliver(message: Message): void {
    this.#listeners.get(message.type)?.forEach(listen => listen(message as never));
  }
}
