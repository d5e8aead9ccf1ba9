import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';

/** Resolves with whether something accepts connections there: at a port, or on a Unix socket. */
export async function acceptsConnections(to: NetConnectOpts): Promise<boolean> {
  const socket = connect(to);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
