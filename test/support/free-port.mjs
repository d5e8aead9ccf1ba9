// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports below the ephemeral ports (from 32768 on Linux). Otherwise, the client of a test could get the port before
 * the application under test listens on it.
 */
const FIRST = 10_000;
const COUNT = 20_000;

/** The only one of these ports that `fetch()` refuses: https://fetch.spec.whatwg.org/#port-blocking */
const REFUSED = 10_080;

/**
 * Returns a port on which no process listens.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  const port = FIRST + Math.floor(Math.random() * COUNT);
  if (port === REFUSED) {
    return freePort();
  }
  const server = createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
  } catch {
    return freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
