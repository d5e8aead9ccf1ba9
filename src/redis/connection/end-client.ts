import { within } from '../../system/async/within.js';
import type { RedisNode } from './redis-client.interface.js';

/** A connection to a server that does not answer is cut sooner; see `disconnectTimeout`. */
const END_MILLISECONDS = 1_000;

/** Ends a client, whatever it is at. @internal */
export async function endClient(client: RedisNode): Promise<void> {
  const isConnected = ['connecting', 'connect', 'ready'].includes(client.status);
  const ended = new Promise<void>(resolve => client.on('end', resolve));
  if (client.status !== 'end') {
    client.disconnect();
  }
  // A client that waits to connect again does not say that it has stopped to.
  if (isConnected) {
    await within(END_MILLISECONDS, ended, () => {});
  }
}
