import type { WorkerExitReason } from '../../../src/model/host-status.interface.js';
import { Workforce } from '../../../src/supervisor/workers/workforce.js';
import type { Dismiss } from '../../../src/supervisor/workers/dismissal.js';
import { FakeClock, settle } from './fake-clock.js';
import { FakeWorkerHandle } from './fake-worker-handle.js';

/** A workforce of fake workers, which boot, serve and end when a test says so. */
export class FakeWorkforce {
  readonly clock = new FakeClock();
  /** All workers, in the order of their forks. */
  readonly forked: FakeWorkerHandle[] = [];
  readonly workforce: Workforce;
  /** The generation of workers that are forked from now on. */
  generation = 0;

  constructor(size: number) {
    this.workforce = new Workforce(
      size,
      this.clock,
      ({ index }) => this.fork(index).handle,
      () => {},
    );
    this.workforce.slots.forEach(slot => this.workforce.fill(slot));
    this.forked.forEach(worker => (worker.state = 'ready'));
  }

  fork(slot: number): FakeWorkerHandle {
    const worker = new FakeWorkerHandle(slot, this.generation);
    worker.state = 'booting';
    worker.onKill = reason => this.#remove(worker, reason);
    this.forked.push(worker);
    return worker;
  }

  /** Drains workers at once. */
  readonly dismiss: Dismiss = async (...workers) => {
    workers.forEach(worker => worker.drain({ cause: 'reload', timeout: 1_000 }));
    this.workforce.changed();
  };

  /** Waits until everything that follows from a change has happened. */
  async change(happen: () => unknown): Promise<void> {
    happen();
    this.workforce.changed();
    await settle();
  }

  ready(...workers: FakeWorkerHandle[]): Promise<void> {
    return this.change(() => workers.forEach(worker => (worker.state = 'ready')));
  }

  end(worker: FakeWorkerHandle, reason: WorkerExitReason = 'left'): Promise<void> {
    return this.change(() => this.#remove(worker, reason));
  }

  #remove(worker: FakeWorkerHandle, why: WorkerExitReason): void {
    const { code, signal, reason, at } = worker.ends(why);
    this.workforce.slotOf(worker.handle)?.remember(worker.handle, { code, signal, reason, at });
    this.workforce.removeSpare(worker.handle);
  }
}
