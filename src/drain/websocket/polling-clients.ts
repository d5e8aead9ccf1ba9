import { repeatAfterReading } from '../../system/time/repeat-after-reading.js';
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
    // Without a request in flight, it is told with its next one. It may never send one.
    client.transport.closeTimeout = NEXT_POLL_MILLISECONDS;
    // Messages that wait for such a request delay the closing, too.
    const stop = repeatAfterReading(NEXT_POLL_MILLISECONDS, () => {
      stop();
      client.close(true);
    });
    client.once('close', stop);
    client.close();
  }
}
