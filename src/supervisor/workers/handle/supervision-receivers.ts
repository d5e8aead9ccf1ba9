import type { Message } from '../../../ipc/protocol.js';
import type { SupervisionToPrimary } from '../../../ipc/supervision.protocol.js';

/** What is done with each message by which a worker tells of itself. @internal */
export type SupervisionReceivers = {
  readonly [Type in SupervisionToPrimary['type']]: (
    message: Extract<SupervisionToPrimary, { readonly type: Type }>,
  ) => void;
};

/**
 * Brings a message to its receiver.
 *
 * @param otherwise for what is meant for one of the services
 * @internal
 */
export function receive(
  message: Message,
  receivers: SupervisionReceivers,
  otherwise: (message: Message) => void,
): void {
  const isOfSupervision = Object.hasOwn(receivers, message.type);
  const receiver = isOfSupervision
    ? receivers[message.type as keyof SupervisionReceivers]
    : otherwise;
  (receiver as (message: Message) => void)(message);
}
