import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ListeningAddress } from '../../../src/model/host-status.interface.js';
import type {
  WorkerPlace,
  WorkerProcess,
} from '../../../src/supervisor/node-cluster/worker-process.js';
import { type ToWorker, type WorkerChannel, workerProtocol } from '../all-features.js';
import { type LeaveTerms } from '../../../src/ipc/supervision.protocol.js';
import { type Hello, ownHello } from '../../../src/ipc/protocol-version.js';
import { IpcChannel } from '../../../src/ipc/ipc-channel.js';
import { FakeLink } from './fake-link.js';

let nextId = 1;

/** A worker process that a test controls, on the real channel. */
export class FakeWorkerProcess implements WorkerProcess {
  readonly id = nextId++;
  readonly pid = 10_000 + this.id;
  readonly link: FakeLink;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly signals: NodeJS.Signals[] = [];
  readonly orders: ToWorker[] = [];
  readonly ipc: WorkerChannel;
  /** Messages of the primary that are invalid or could not be handled. */
  readonly faults: unknown[] = [];
  readonly #events = new EventEmitter();

  constructor(
    readonly place: WorkerPlace,
    hello: Hello | null = ownHello(),
  ) {
    const [ours, theirs] = FakeLink.pair();
    this.link = ours;
    this.ipc = new IpcChannel(theirs, workerProtocol, {
      onMessage: message => void this.orders.push(message),
      onInvalid: reason => this.faults.push(reason),
      onFault: (_, error) => this.faults.push(error),
    });
    if (hello) {
      this.ipc.introduce(hello);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL') {
      this.exit(null, 'SIGKILL');
    }
  }

  onOnline(listener: () => void): void {
    this.#events.once('online', listener);
  }

  onListening(listener: (address: ListeningAddress) => void): void {
    this.#events.on('listening', listener);
  }

  onDisconnect(listener: () => void): void {
    this.#events.once('disconnect', listener);
  }

  onExit(listener: (code: number | null, signal: NodeJS.Signals | null) => void): void {
    this.#events.once('exit', listener);
  }

  get drainOrders(): Extract<ToWorker, { type: 'drain' }>[] {
    return this.orders.filter(order => order.type === 'drain');
  }

  becomeReady(): Promise<void> {
    return this.ipc.post({ type: 'ready' });
  }

  askToLeave(cause: LeaveTerms['cause'] = 'signal'): Promise<LeaveTerms> {
    return this.ipc.ask('leave', cause, 5_000);
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.link.close();
    this.stdout.destroy();
    this.stderr.destroy();
    this.#events.emit('exit', code, signal);
  }
}
