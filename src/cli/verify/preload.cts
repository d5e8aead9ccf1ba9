/**
 * Preloaded with NODE_OPTIONS into all processes that the tool starts: the primary, its workers, and npm before it.
 * Reports the lifecycle events of the primary. In other processes it does nothing, because it connects only when
 * there is an event.
 *
 * A CommonJS module: with `--import`, Node would load the main file as an ES module, without the hooks of tools such as
 * ts-node. With `--no-experimental-require-module`, it cannot preload an ES module with `--require`.
 */
import cluster = require('node:cluster');
import diagnostics = require('node:diagnostics_channel');
import net = require('node:net');
import type {
  LifecycleEvent,
  LifecycleReport,
  SOCKET_VARIABLE,
} from './lifecycle-event.interface.js' with { 'resolution-mode': 'import' };

// The types describe only the default export that ES modules see.
const { isPrimary } = cluster as unknown as cluster.Cluster;
const path = process.env['NESTJS_CLUSTER_VERIFY_SOCKET' satisfies typeof SOCKET_VARIABLE];
let socket: net.Socket | undefined;

function open(to: string): net.Socket {
  const opened = net.connect(to).unref();
  opened.on('error', () => {});
  // The tool has ended: the application, which was started for it, must end, too.
  opened.on('close', () => process.kill(process.pid, 'SIGTERM'));
  return opened;
}

if (path !== undefined && isPrimary) {
  diagnostics.subscribe('nestjs-cluster:lifecycle', event => {
    socket ??= open(path);
    const report: LifecycleReport = { primary: process.pid, event: event as LifecycleEvent };
    socket.write(`${JSON.stringify(report)}\n`);
  });
}
