/**
 * Preloaded into an application under test: at its end, the primary writes the ports of the clients whose connections
 * it has accepted, as a note to the test.
 *
 * A connection that arrives between the last look into the queue of a socket and its closing is reset by the system.
 * Its client cannot tell it from a connection that the application has lost.
 */
import cluster from 'node:cluster';
import { Server } from 'node:net';

const ports = [];

/** Records what `node:cluster` receives once it has taken the handle from its server. */
function recordWith(handle) {
  let take = handle.onconnection;
  Object.defineProperty(handle, 'onconnection', {
    configurable: true,
    get: () => take,
    set(next) {
      take = function (error, connection) {
        const peer = {};
        connection?.getpeername(peer);
        ports.push(peer.port);
        return next.call(this, error, connection);
      };
      Object.defineProperty(handle, 'onconnection', { value: take, writable: true });
    },
  });
}

if (cluster.isPrimary) {
  // oxlint-disable-next-line typescript/unbound-method -- called with the server below
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    // oxlint-disable-next-line no-underscore-dangle -- Node's own name
    this.prependOnceListener('listening', () => recordWith(this._handle));
    return listen.apply(this, args);
  };
  process.on('exit', () => {
    process.stdout.write(`@${JSON.stringify({ what: 'accepted', pid: process.pid, ports })}\n`);
  });
}
