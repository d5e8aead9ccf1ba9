import { within } from '../../system/async/within.js';
import type { RedisNode } from './redis-client.interface.js';

/** Maximum milliseconds to wait for the end. A connection to a silent server is cut sooner, see `disconnectTimeout`. */
const END_MILLISECONDS = 1_000;

/** Ends a client in any state. @internal */
export async function endClient(client: RedisNode): Promise<void> {
  const isConnected = ['connecting', 'connect', 'ready'].includes(client.status);
  const ended = new Promise<void>(resolve => client.on('end', resolve));
  if (client.status !== 'end') {
    client.disconnect();
  }
  // A client that waits to reconnect emits no event when it is ended.
  if (isConnected) {
    await within(END_MILLISECONDS, ended, () => {});
  }
}
