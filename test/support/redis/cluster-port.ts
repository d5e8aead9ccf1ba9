import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../free-port.mjs';

/** The nodes of a cluster talk to each other on ports so much higher than those for clients. */
const BUS = 10_000;

/** From here on, Linux may give ports to outgoing connections. */
const EPHEMERAL = 32_768;

/** A port for a node of a cluster. The one for its bus is free, too. */
export async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS < EPHEMERAL && (await isFree(port + BUS))) {
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
