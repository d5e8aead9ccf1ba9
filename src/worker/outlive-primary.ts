import cluster from 'node:cluster';

/** The codes of errors of a channel whose other end is closed. */
const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED']);

/**
 * Calls `onOrphaned` when the primary has ended. Without it, Node would end the worker at once, with all its
 * requests: Node's own 'disconnect' listener exits unless `exitedAfterDisconnect` is set, which this earlier
 * listener does.
 *
 * A worker that was busy first reads what the primary had sent, such as connections. Node cannot answer that, and would
 * throw the error of its answer. It is ignored, because 'disconnect' follows.
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/worker.js
 *
 * @returns a function that disconnects from the primary on purpose; the worker then ends when nothing else keeps it
 *   running
 * @internal
 */
export function outlivePrimary(onOrphaned: () => void): () => void {
  const onDisconnect = (): void => {
    expectDisconnect();
    onOrphaned();
  };
  process.prependOnceListener('disconnect', onDisconnect);
  cluster.worker?.on('error', throwUnlessClosed);
  return () => {
    process.off('disconnect', onDisconnect);
    expectDisconnect();
    if (process.connected) {
      process.disconnect();
    }
  };
}

function expectDisconnect(): void {
  if (cluster.worker) {
    cluster.worker.exitedAfterDisconnect = true;
  }
}

/** Other errors are thrown, as by Node, unless the application listens to them. */
function throwUnlessClosed(error: NodeJS.ErrnoException): void {
  const isClosed = CLOSED.has(error.code ?? '');
  if (!isClosed && cluster.worker?.listenerCount('error') === 1) {
    throw error;
  }
}
