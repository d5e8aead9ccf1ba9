/** `node delaying-proxy.mjs <host> <port> <milliseconds>` writes its port to standard output. */
import { connect, createServer } from 'node:net';

const [host, port, milliseconds] = process.argv.slice(2);
const nobody = new Int32Array(new SharedArrayBuffer(4));

const proxy = createServer(client => {
  const server = connect({ host: String(host), port: Number(port), noDelay: true });
  client.setNoDelay(true);
  client.on('data', data => {
    // Timers are not precise enough. The measured clients have one request under way, so nobody else waits.
    Atomics.wait(nobody, 0, 0, Number(milliseconds));
    server.write(data);
  });
  server.pipe(client);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ]) {
    one?.on('close', () => other?.destroy());
    one?.on('error', () => other?.destroy());
  }
});

proxy.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (proxy.address());
  process.stdout.write(`${address.port}\n`);
});
