import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { WorkerProcess } from '../../src/supervisor/node-cluster/worker-process.js';

/** The process of a worker whose events a test emits. */
export class FakeProcess extends EventEmitter {
  readonly stdout = new PassThrough();
  readonly killed: string[] = [];
  readonly link = Object.assign(new EventEmitter(), { connected: true });

  readonly worker: WorkerProcess = {
    id: 1,
    pid: 4711,
    link: this.link,
    stdout: this.stdout,
    stderr: null,
    kill: signal => void this.killed.push(signal),
    onOnline: listener => void this.once('online', listener),
    onListening: listener => void this.on('listening', listener),
    onDisconnect: listener => void this.once('disconnect', listener),
    onExit: listener => void this.once('exit', listener),
  };
}
