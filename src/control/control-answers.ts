import type { HostChannel } from '../ipc/host-channel.interface.js';
import { oneEach } from '../system/collections/one-each.js';
import { printableError } from '../system/text/printable.js';
import {
  type ControlAnswer,
  type ControlChannel,
  controlProtocol,
  type ControlTopic,
} from './control.protocol.js';

/** Returns what a client of the control socket wants to know. */
type Produce = () => Promise<unknown>;

/** Any part of a process that identifies its runtime. */
type Key = { readonly host: { readonly channel: HostChannel } };

/** Returns the answers of a runtime. The first call begins to listen to the primary. @internal */
export const controlAnswersOf = oneEach(
  (runtime: Key): ControlAnswers => new ControlAnswers(runtime.host.channel),
);

/**
 * A worker's answers to what clients of the control socket, and the dashboard, ask.
 *
 * @internal
 */
export class ControlAnswers {
  readonly #topics = new Map<ControlTopic, Produce>();

  constructor(channel: HostChannel) {
    const opened: ControlChannel = channel.open(controlProtocol, ({ id, topic }) => {
      void this.answer(topic).then(answer => opened.post({ type: 'controlAnswered', id, answer }));
    });
  }

  /** Adds what this worker knows about a topic. */
  provide(topic: ControlTopic, produce: Produce): void {
    this.#topics.set(topic, produce);
  }

  /** Returns what this worker knows about a topic. Never rejects. */
  async answer(topic: ControlTopic): Promise<ControlAnswer> {
    try {
      const produce = this.#topics.get(topic);
      return produce ? { type: 'value', value: await produce() } : { type: 'unused' };
    } catch (error) {
      return { type: 'failed', why: printableError(error) };
    }
  }
}
