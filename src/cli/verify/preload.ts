/**
 * Preloaded with NODE_OPTIONS into all processes that the tool starts: the primary, its workers, and npm before it.
 * Reports the lifecycle events of the primary. In other processes it does nothing, because it connects only when
 * there is an event.
 */
import cluster from 'node:cluster';
import { subscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';
import type { LifecycleEvent, LifecycleReport } from './lifecycle-event.interface.js';
import { SOCKET_VARIABLE } from './lifecycle-event.interface.js';

const path = process.env[SOCKET_VARIABLE];
let socket: Socket | undefined;

function open(to: string): Socket {
  const opened = connect(to).unref();
  opened.on('error', () => {});
  // The tool has ended: the application, which was started for it, must end, too.
  opened.on('close', () => process.kill(process.pid, 'SIGTERM'));
  return opened;
}

if (path !== undefined && cluster.isPrimary) {
  subscribe('nestjs-cluster:lifecycle', event => {
    socket ??= open(path);
    const report: LifecycleReport = { primary: process.pid, event: event as LifecycleEvent };
    socket.write(`${JSON.stringify(report)}\n`);
  });
}
