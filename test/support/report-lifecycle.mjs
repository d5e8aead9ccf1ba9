/**
 * Preloaded into an application under test: writes the lifecycle events of its primary to file descriptor 3, one
 * line of JSON for each.
 *
 * With `TEST_EXEC` in the environment, the primary may replace its program. It does not while somebody receives the
 * events, so that only the new program reports them: to the standard output, because other descriptors are closed.
 */
import cluster from 'node:cluster';
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';

const { TEST_EXEC, CLUSTER_PRIMARY_OPTIONS } = process.env;

if (cluster.isPrimary && CLUSTER_PRIMARY_OPTIONS) {
  report(1, '#');
} else if (cluster.isPrimary && !TEST_EXEC) {
  report(3, '');
}

function report(descriptor, prefix) {
  subscribe('nestjs-cluster:lifecycle', event =>
    writeSync(descriptor, `${prefix}${JSON.stringify(event)}\n`),
  );
}
