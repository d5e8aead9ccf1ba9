import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../free-port.mjs';

/** The offset from the client port of a cluster node to the port of its cluster bus. */
const BUS = 10_000;

/** The first ephemeral port on Linux. */
const EPHEMERAL = 32_768;

/** A free port for a cluster node. The port of its cluster bus is free too. */
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
