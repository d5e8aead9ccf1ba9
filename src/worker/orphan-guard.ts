import cluster from 'node:cluster';

/**
 * Calls `onOrphaned` when the primary is gone, instead of letting Node end the worker on the spot
 * with all its requests: Node's own listener for 'disconnect' exits unless `exitedAfterDisconnect` is
 * set, and this one comes before it.
 *
 * @returns lets go of the primary on purpose: the worker then ends as soon as nothing else keeps it
 * @internal
 */
export function guardOrphan(onOrphaned: () => void): () => void {
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
