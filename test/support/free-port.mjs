// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports below those that systems give to outgoing connections (32768 and up on Linux): the clients of
 * a test could otherwise be given the very port before the application under test has it.
 */
const FIRST = 10_000;
const COUNT = 20_000;

/** The one among them that `fetch()` refuses: https://fetch.spec.whatwg.org/#port-blocking */
const REFUSED = 10_080;

/**
 * A port on which nobody listens.
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
