import type { Engine, EngineClient } from './gateways.js';

/**
 * What sends the clients of Socket.IO away that poll. A request of theirs is in flight at most times,
 * until there is something to tell them; it is answered with the end of the connection, and they
 * connect anew, to another worker.
 *
 * @param onLate called with what sends one away, for each that still comes
 * @internal
 */
export function pollingDisconnects(
  engines: readonly Engine[],
  onLate: (leave: () => void) => void,
): (() => void)[] {
  return engines.flatMap(engine => {
    engine.on('connection', client => onLate(() => leave(client)));
    return Object.values(engine.clients).map(client => () => leave(client));
  });
}

/** One that has changed to a WebSocket, or came with one, is sent away with the WebSockets. */
function leave(client: EngineClient): void {
  if (client.transport.name === 'polling') {
    client.close();
  }
}
