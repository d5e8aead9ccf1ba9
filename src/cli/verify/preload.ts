/**
 * Preloaded into everything that the tool starts, by NODE_OPTIONS: the application's primary, its
 * workers, npm before it. Says what the primary's lifecycle is, and does nothing in all others: there is
 * no connection before there is an event.
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
  // Nobody watches any more: what was started to be watched ends.
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
