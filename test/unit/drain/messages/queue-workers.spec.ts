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

/** A worker as those of BullMQ: its constructor runs it. */
function workerClass() {
  return class FakeWorker extends EventEmitter {
    readonly calls: string[] = [];
    isPaused = false;
    isRunning = false;
    finish = (): void => {};

    constructor() {
      super();
      void this.run();
    }

    async run(): Promise<void> {
      if (this.isRunning) {
        throw new Error('Worker is already running.');
      }
      this.calls.push(this.isPaused ? 'run paused' : 'run');
      this.isRunning = !this.isPaused;
    }

    pause(): Promise<void> {
      this.calls.push('pause');
      this.isPaused = true;
      return new Promise(resolve => (this.finish = resolve));
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
    let hasEnded = false;
    workers.drain(paused => void paused.then(() => (hasEnded = true)));
    await new Promise(resolve => setImmediate(resolve));
    expect([worker.calls, hasEnded]).toEqual([['run', 'pause'], false]);
    worker.finish();
    await new Promise(resolve => setImmediate(resolve));
    expect(hasEnded).toBe(true);
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
    worker.finish();
    await new Promise(resolve => setImmediate(resolve));
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
