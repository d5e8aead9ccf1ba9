import type { Server } from 'node:net';
import type { Standby } from './standby.js';

/**
 * Lets a server listen when this process has a slot.
 *
 * An application may close the server before. Then it never listens, and `close()` succeeds: Node would report
 * `ERR_SERVER_NOT_RUNNING`, although the application has called `listen()`.
 *
 * @internal
 */
export function listenInSlot(server: Server, standby: Standby, listen: () => void): void {
  let isClosed = false;
  if (standby.waits) {
    const close = server.close.bind(server);
    server.close = callback => {
      if (!standby.waits) {
        return close(callback);
      }
      isClosed = true;
      return close(callback && (() => callback()));
    };
  }
  standby.whenPlaced(() => {
    if (!isClosed) {
      listen();
    }
  });
}
