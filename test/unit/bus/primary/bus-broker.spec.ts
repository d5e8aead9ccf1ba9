import { beforeEach, describe, expect, it } from 'vitest';
import { BusBroker } from '../../../../src/bus/primary/bus-broker.js';
import { MemoryBudget } from '../../../../src/state/backends/memory/memory-budget.js';
import type { ServiceClient } from '../../../../src/ipc/primary-service.interface.js';
import type { WorkerState } from '../../../../src/index.js';
import type { Offsets } from '../../../../src/bus/transports/ipc/bus.protocol.js';

/** As much of a worker as matters here. */
class FakeWorker {
  state: WorkerState = 'ready';

  constructor(public slot: number) {}

  get handle(): ServiceClient {
    return this as unknown as ServiceClient;
  }
}

let broker: BusBroker;

beforeEach(() => {
  broker = new BusBroker(1_000);
});

function boot(worker: FakeWorker): Offsets {
  let offsets: Offsets = {};
  broker.onQuestion(worker.handle, {
    name: 'offsets',
    params: null,
    answer: inherited => (offsets = inherited),
  });
  return offsets;
}

function die(worker: FakeWorker): void {
  worker.state = 'exited';
  broker.onExited(worker.handle);
}

describe('how far a worker has got with durable topics', () => {
  it('is handed down to the next one in its slot, and to no other', () => {
    const worker = new FakeWorker(1);
    boot(worker);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '5' } });
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { returns: '7' } });
    die(worker);
    expect(boot(new FakeWorker(0))).toEqual({});
    expect(boot(new FakeWorker(1))).toEqual({ sales: '5', returns: '7' });
  });

  it('is no place to begin at for another part of the same process', () => {
    const worker = new FakeWorker(1);
    boot(worker);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '5' } });
    expect(boot(worker)).toEqual({});
    die(worker);
    expect(boot(new FakeWorker(1))).toEqual({ sales: '5' });
  });

  it('is no longer kept once its successor boots, unless that one fails', () => {
    const [worker, successor] = [new FakeWorker(1), new FakeWorker(1)];
    boot(worker);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '5' } });
    boot(successor);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '6' } });
    die(successor);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '8' } });
    expect(boot(new FakeWorker(1))).toEqual({ sales: '8' });
  });

  it('is not told any more by one that drains, whatever becomes of its successor', () => {
    const [worker, successor] = [new FakeWorker(1), new FakeWorker(1)];
    boot(worker);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '5' } });
    worker.state = 'draining';
    boot(successor);
    broker.onMessage(successor.handle, { type: 'offsets', offsets: { sales: '7' } });
    die(successor);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '9' } });
    expect(boot(new FakeWorker(1))).toEqual({ sales: '7' });
  });

  it('is a spare’s own until it is promoted, and is handed down from its slot then', () => {
    const [worker, spare, other] = [new FakeWorker(1), new FakeWorker(-1), new FakeWorker(-1)];
    boot(worker);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '5' } });
    expect(boot(spare)).toEqual({});
    broker.onMessage(spare.handle, { type: 'offsets', offsets: { sales: '6' } });
    expect(boot(other)).toEqual({});
    die(worker);
    spare.slot = 1;
    broker.onPromoted(spare.handle);
    broker.onMessage(spare.handle, { type: 'offsets', offsets: { returns: '2' } });
    expect(boot(new FakeWorker(1))).toEqual({ sales: '6', returns: '2' });
  });

  it('ends with its slot, whoever asks for it too late', () => {
    const worker = new FakeWorker(1);
    boot(worker);
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '5' } });
    die(worker);
    broker.onSlotClosed(1);
    expect(boot(worker)).toEqual({});
    broker.onMessage(worker.handle, { type: 'offsets', offsets: { sales: '6' } });
    expect(boot(new FakeWorker(1))).toEqual({});
  });

  it('is bounded, and counted as memory of the primary', () => {
    const budget = new MemoryBudget();
    broker = new BusBroker(1_000, budget);
    const worker = new FakeWorker(1);
    boot(worker);
    for (let n = 0; n < 12_000; n++) {
      broker.onMessage(worker.handle, {
        type: 'offsets',
        offsets: { [`room.${n}`]: '5-1', always: `5-${n}` },
      });
    }
    expect(budget.used).toBeGreaterThan(1_000_000);
    die(worker);
    const handedDown = boot(new FakeWorker(1));
    expect(Object.keys(handedDown)).toHaveLength(10_000);
    expect(handedDown).toMatchObject({ always: '5-11999', 'room.11999': '5-1' });
    broker.onSlotClosed(1);
    expect(budget.used).toBe(0);
  });
});
