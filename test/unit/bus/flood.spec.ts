import { afterEach, describe, expect, it } from '@jest/globals';
import { BusClient } from '../../../src/bus/bus-client.js';
import type { Sender } from '../../../src/bus/membership/bus-member.interface.js';
import { BusHub } from '../../../src/bus/transports/memory/bus-hub.js';
import { publishKept } from '../../../src/bus/transports/memory/publish-durable.js';
import { LocalTransport } from '../../../src/bus/transports/memory/local-transport.js';
import { ReadPositions } from '../../../src/bus/subscribe/durable/consumer-offsets.js';
import { MemoryBackend } from '../../../src/state/backends/memory/memory-backend.js';
import { MemoryExecutor } from '../../../src/state/backends/memory/memory-executor.js';
import type { Batch, Outcome, StateExecutor } from '../../../src/state/state-executor.interface.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { block } from '../../support/block.js';

const COUNT = 40_000;
const BLOCK_MILLISECONDS = 25;
const self: Sender = { member: 'self', host: 'here:1', slot: 0, generation: 1, id: 1, pid: 1 };

/** A memory that is asked by messages, as that of the primary is by a worker. */
class RemoteExecutor extends MemoryExecutor {
  override async execute(batch: Batch): Promise<Outcome> {
    const sent = structuredClone(batch);
    await new Promise(resolve => setImmediate(resolve));
    return structuredClone(await super.execute(sent));
  }
}

type NewExecutor = (backend: MemoryBackend) => StateExecutor;

const local: NewExecutor = backend => new MemoryExecutor(backend, new Map());
const remote: NewExecutor = backend => new RemoteExecutor(backend, new Map());

let close: () => Promise<unknown> = () => Promise.resolve();
afterEach(() => close());

describe('a flood of reliable events, while the event loop is blocked again and again', () => {
  it.each<[string, NewExecutor, number]>([
    ['in the memory of this process', local, 20_000],
    ['in a memory behind messages', remote, 20_000],
    ['in the memory of this process, with too little time', local, 50],
  ])('settles, and timers fire meanwhile: %s', async (_case, newExecutor, timeout) => {
    const hub = new BusHub();
    const backend = new MemoryBackend(
      () => {},
      (topic, position, event) => publishKept(hub, topic, position, event),
    );
    const state = new StateClient(newExecutor(backend), timeout, 0);
    const bus = new BusClient({
      self,
      transport: new LocalTransport(hub),
      state,
      positions: new ReadPositions({ keep: () => Promise.resolve() }, {}),
      options: { timeout, maxPayloadBytes: 1_000, maxQueueBytes: 1_000_000 },
      logger: { warn: () => {}, error: () => {} },
      onFault: () => {},
      onClosed: () => {},
    });
    close = async () => {
      await bus.close();
      await state.close();
    };
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks++;
      block(BLOCK_MILLISECONDS);
    }, BLOCK_MILLISECONDS);
    const codes = new Map<string, number>();
    let ticksAtFirst: number | undefined;
    const count = (code: string): void => {
      ticksAtFirst ??= ticks;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    };
    await Promise.all(
      Array.from({ length: COUNT }, (_, n) =>
        bus.publish('flood', `${n}`, { reliable: true }).then(
          () => count('done'),
          ({ code }: { code: string }) => count(code),
        ),
      ),
    );
    clearInterval(ticking);
    const settled = [...codes.values()].reduce((sum, each) => sum + each, 0);
    expect(settled).toBe(COUNT);
    expect(ticks).toBeGreaterThan(0);
    if (timeout > 1_000) {
      expect(Object.fromEntries(codes)).toEqual({ done: COUNT });
      // They have not settled all in one turn.
      expect(ticks).toBeGreaterThan(ticksAtFirst!);
    }
  });
});
