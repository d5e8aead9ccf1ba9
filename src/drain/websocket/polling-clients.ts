import { afterReading } from '../../system/time/deadline-timer.js';
import type { Engine, EngineClient } from './gateways.js';

/**
 * Returns functions that disconnect the Socket.IO clients that use long polling. Such a client usually has a request
 * in flight, which waits for a message. The request is answered with the end of the connection, and the client
 * connects to another worker.
 *
 * @param onLate called with such a function for each client that connects later
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

/** Milliseconds within which a client sends its next request. */
const NEXT_POLL_MILLISECONDS = 3_000;

/**
 * Disconnects a client that polls. A client that has changed to a WebSocket, or started with one, is closed with the
 * WebSockets.
 */
function leave(client: EngineClient): void {
  if (client.transport.name === 'polling') {
    // If no request is in flight, the next one is answered with the end. The client may never send one.
    client.transport.closeTimeout = NEXT_POLL_MILLISECONDS;
    // Unsent messages delay the closing until the next request, too.
    client.once(
      'close',
      afterReading(NEXT_POLL_MILLISECONDS, () => client.close(true)),
    );
    client.close();
  }
}
