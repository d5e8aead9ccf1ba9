import cluster from 'node:cluster';

/**
 * Calls `onOrphaned` when the primary is gone, instead of letting Node end the worker on the spot
 * with all its requests: Node's own listener for 'disconnect' exits unless `exitedAfterDisconnect` is
 * set, and this one comes before it.
 *
 * @internal
 */
export function guardOrphan(onOrphaned: () => void): void {
  process.prependOnceListener('disconnect', () => {
    if (cluster.worker) {
      cluster.worker.exitedAfterDisconnect = true;
    }
    // Standard error led to the primary. What is written to it from now on is lost, but must not
    // end the process.
    process.stderr.on('error', () => {});
    onOrphaned();
  });
}
