import { MessageDrain } from '../drain/messages/message-drain.js';
import type { HandOver } from '../drain/messages/tcp-connections.js';
import type { MessageTransport } from '../drain/messages/transport.interface.js';
import { addressOf } from '../runtime/application-servers.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * Drains the transport of a microservice together with the HTTP servers. Must be called before the transport listens.
 *
 * @internal
 */
export function drainMessages(
  transport: MessageTransport,
  { lifecycle, connections, host }: Runtime,
): void {
  const drain = new MessageDrain(transport);
  const onProgress = connections.waitFor(drain);
  const { server } = drain;
  /** Under `node:cluster`, a server has no address when it has closed. */
  let address: ReturnType<typeof addressOf> | undefined;
  const handOver = async (): Promise<HandOver | undefined> => {
    // When the whole host stops, the other workers leave, too.
    const others =
      address && lifecycle.drainCause !== 'stop' && (await host.takesConnections(address));
    return others ? handle => host.handOver(address!, handle) : undefined;
  };
  lifecycle.drainWith({
    begin: () => drain.begin(onProgress),
    stopAccepting: () => {
      address = server?.listening ? addressOf(server) : undefined;
      drain.stopAccepting();
    },
    leave: () => drain.leave(handOver()),
  });
}
