import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { beforeEach, describe, expect, it } from 'vitest';
import { BullModule } from '@nestjs/bullmq';
import { Worker } from 'bullmq';
import {
  ownerOfRun,
  queueWorkerClasses,
} from '../../../../src/drain/messages/queue-worker-class.js';
import { QueueWorkers } from '../../../../src/drain/messages/queue-workers.js';
import { deferred } from '../../../../src/system/async/deferred.js';

/** A worker as those of BullMQ: its constructor runs it, and only its first `pause()` waits for its jobs. */
function workerClass() {
  return class FakeWorker extends EventEmitter {
    readonly calls: string[] = [];
    isPaused = false;
    isRunning = false;
    readonly #jobs = deferred();
    readonly #reconnected = deferred();

    constructor() {
      super();
      this.run().catch(() => {});
    }

    async run(): Promise<void> {
      if (this.isRunning) {
        throw new Error('Worker is already running.');
      }
      this.calls.push(this.isPaused ? 'run paused' : 'run');
      this.isRunning = !this.isPaused;
      if (this.isRunning) {
        await this.#jobs.promise;
      }
    }

    async pause(doNotWaitActive = false): Promise<void> {
      this.calls.push('pause');
      if (!this.isPaused) {
        this.isPaused = true;
        if (!doNotWaitActive && this.isRunning) {
          await this.#jobs.promise;
          await this.#reconnected.promise;
        }
      }
    }

    async resume(): Promise<void> {
      this.isPaused = false;
      this.emit('resumed');
    }

    /** Ends the jobs in progress. */
    finish(): void {
      this.#jobs.resolve();
    }

    /** Connects to Redis again, which ends `pause()`. */
    reconnect(): void {
      this.#reconnected.resolve();
    }

    /** Fails instead. */
    failToReconnect(): void {
      this.#reconnected.reject(new Error('Connection is closed.'));
    }
  };
}

let FakeWorker: ReturnType<typeof workerClass>;
let tasks: (() => void)[];
let workers: QueueWorkers;

beforeEach(() => {
  FakeWorker = workerClass();
  tasks = [];
  workers = new QueueWorkers(task => tasks.push(task));
  workers.observe(FakeWorker);
});

function becomeReady(): void {
  tasks.splice(0).forEach(task => task());
}

async function turn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

/** Begins the drain. Returns a function that tells how what it waits for has ended. */
function drain(): () => Promise<string[]> {
  const ends: string[] = [];
  workers.drain(work => {
    const index = ends.push('pending') - 1;
    work.then(
      () => (ends[index] = 'ended'),
      (error: Error) => (ends[index] = error.message),
    );
  });
  return async () => {
    await turn();
    return ends;
  };
}

describe('a worker of a queue', () => {
  it('takes jobs when the process is ready', () => {
    const worker = new FakeWorker();
    expect(worker.calls).toEqual([]);
    becomeReady();
    expect(worker.calls).toEqual(['run']);
  });

  it('runs once if it is resumed before the process is ready', async () => {
    const worker = new FakeWorker();
    const resumed = worker.run();
    becomeReady();
    worker.finish();
    await resumed;
    expect(worker.calls).toEqual(['run']);
  });

  it('reports that it cannot run', async () => {
    const worker = new FakeWorker();
    becomeReady();
    const again = worker.run();
    becomeReady();
    await expect(again).rejects.toThrow('already running');
  });

  it('is paused when the drain begins, which then waits for its jobs', async () => {
    const worker = new FakeWorker();
    becomeReady();
    const ends = drain();
    expect(await ends()).toEqual(['pending']);
    expect(worker.calls).toEqual(['run', 'pause']);
    worker.finish();
    expect(await ends()).toEqual(['pending']);
    worker.reconnect();
    expect(await ends()).toEqual(['ended']);
  });

  it.each([
    ['without waiting', true],
    ['and waits itself', false],
  ])('has its jobs waited for if the application has paused it %s', async (_, doNotWait) => {
    const worker = new FakeWorker();
    becomeReady();
    const paused = worker.pause(doNotWait);
    const ends = drain();
    expect(await ends()).toEqual(['pending']);
    worker.finish();
    worker.reconnect();
    expect(await ends()).toEqual(['ended']);
    await paused;
  });

  it('is waited for until a pause of the application has ended, after its jobs', async () => {
    const worker = new FakeWorker();
    becomeReady();
    void worker.pause();
    const ends = drain();
    worker.finish();
    expect(await ends()).toEqual(['pending']);
    worker.failToReconnect();
    expect(await ends()).toEqual(['Connection is closed.']);
  });

  it('has its jobs waited for, even if a pause fails', async () => {
    const worker = new FakeWorker();
    worker.pause = () => Promise.reject(new Error('Connection is closed.'));
    becomeReady();
    const ends = drain();
    expect(await ends()).toEqual(['pending']);
    worker.finish();
    expect(await ends()).toEqual(['Connection is closed.']);
  });

  it('is paused again if the application resumes it in the drain', async () => {
    const worker = new FakeWorker();
    becomeReady();
    void worker.pause(true);
    const ends = drain();
    await worker.resume();
    expect(worker.isPaused).toBe(true);
    worker.finish();
    worker.reconnect();
    expect(new Set(await ends())).toEqual(new Set(['ended']));
  });

  it('can be paused and resumed by the application while the process does not drain', async () => {
    const worker = new FakeWorker();
    becomeReady();
    await worker.pause(true);
    await worker.resume();
    expect(worker.isPaused).toBe(false);
  });

  it('takes no job if the process drains before it is ready', () => {
    const worker = new FakeWorker();
    workers.drain(() => {});
    becomeReady();
    expect(worker.calls).toEqual(['pause', 'run paused']);
  });

  it('takes no job if it is created in the drain', async () => {
    workers.drain(() => {});
    const worker = new FakeWorker();
    await turn();
    expect(worker.calls).toEqual(['pause', 'run paused']);
  });

  it('takes jobs again for another application of the process', () => {
    workers.drain(() => {});
    workers.reopen();
    const worker = new FakeWorker();
    becomeReady();
    expect(worker.calls).toEqual(['run']);
  });

  it('is forgotten when it has closed', () => {
    const worker = new FakeWorker();
    becomeReady();
    worker.emit('closed');
    workers.drain(() => {});
    expect(worker.calls).toEqual(['run']);
  });

  it('is observed once, also through a subclass', () => {
    class Subclass extends FakeWorker {}
    workers.observe(FakeWorker);
    workers.observe(Subclass);
    const worker = new Subclass();
    becomeReady();
    expect(worker.calls).toEqual(['run']);
  });
});

describe('the class of the workers', () => {
  it('is that of BullModule', () => {
    expect(queueWorkerClasses([EventEmitter, BullModule, undefined], {})).toEqual([Worker]);
  });

  it('is that of a loaded BullMQ', () => {
    expect(queueWorkerClasses([], createRequire(import.meta.url).cache)).toEqual([Worker]);
  });

  it('has the methods that are used', () => {
    expect(ownerOfRun(Worker)).toBe(Worker.prototype);
    expect(String(Worker)).toContain('this.run()');
  });

  it.each([
    ['nothing is loaded', {}],
    ['it has no such class', { '/app/node_modules/bullmq/dist/cjs/index.js': { exports: {} } }],
    [
      'it is another package',
      { '/app/node_modules/bull/dist/cjs/index.js': { exports: { Worker } } },
    ],
    ['it is being loaded', { '/app/node_modules/bullmq/dist/cjs/index.js': {} }],
  ])('is unknown if %s', (_, cache) => {
    expect(queueWorkerClasses([{ _workerClass: EventEmitter }], cache)).toEqual([]);
  });
});
