/**
 * Preloaded into an application under test: writes the lifecycle events of its primary to file descriptor 3, one
 * line of JSON for each.
 */
import cluster from 'node:cluster';
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';

if (cluster.isPrimary) {
  subscribe('nestjs-cluster:lifecycle', event => writeSync(3, `${JSON.stringify(event)}\n`));
}
