import cluster from 'node:cluster';

/**
 * Calls `onOrphaned` when the primary has ended. Without it, Node would end the worker at once, with all its
 * requests: Node's own 'disconnect' listener exits unless `exitedAfterDisconnect` is set, which this earlier
 * listener does.
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
