import type { Message } from '../../../ipc/protocol.js';
import type { SupervisionToPrimary } from '../../../ipc/supervision.protocol.js';

/** The receivers of the messages by which a worker reports on itself, by type. @internal */
export type SupervisionReceivers = {
  readonly [Type in SupervisionToPrimary['type']]: (
    message: Extract<SupervisionToPrimary, { readonly type: Type }>,
  ) => void;
};

/**
 * Passes a message to its receiver.
 *
 * @param otherwise receives messages for the services
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
