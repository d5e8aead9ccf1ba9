import { afterEach, describe, expect, it } from 'vitest';
import { BusClient } from '../../src/bus/bus-client.js';
import type { Sender } from '../../src/bus/membership/bus-member.interface.js';
import { ConsumerOffsets } from '../../src/bus/subscribe/durable/consumer-offsets.js';
import { IpcExecutor } from '../../src/state/backends/ipc/ipc-executor.js';
import { IpcTransport } from '../../src/bus/transports/ipc/ipc-transport.js';
import type { HostChannel } from '../../src/ipc/host-channel.interface.js';
import { memoryChannel } from '../support/memory-channel.js';
import { StateClient } from '../../src/state/client/state-client.js';
import { block } from '../fixtures/apps/block.js';

const COUNT = 40_000;
const BLOCK_MILLISECONDS = 25;
const self: Sender = { member: 'self', host: 'here:1', slot: 0, generation: 1, id: 1, pid: 1 };

/** A channel with the delay of another process, like the channel to the primary. */
class RemoteChannel implements HostChannel {
  readonly #local = memoryChannel();

  open: HostChannel['open'] = (protocol, onMessage) => {
    const channel = this.#local.open(protocol, onMessage);
    return {
      ...channel,
      ask: async (name, params) => {
        const sent = structuredClone(params);
        await new Promise(resolve => setImmediate(resolve));
        return structuredClone(await channel.ask(name, sent));
      },
    };
  };
}

type NewChannel = () => HostChannel;

const local: NewChannel = memoryChannel;
const remote: NewChannel = () => new RemoteChannel();

let close: () => Promise<unknown> = () => Promise.resolve();
afterEach(() => close());

describe('a flood of durable events, while the event loop is blocked repeatedly', () => {
  it.each<[string, NewChannel, number]>([
    ['in the memory of this process', local, 20_000],
    ['in a memory behind messages', remote, 20_000],
    ['in the memory of this process, with too little time', local, 50],
  ])('settles, and timers fire meanwhile: %s', async (_case, newChannel, timeout) => {
    const channel = newChannel();
    const state = new StateClient(new IpcExecutor(channel), timeout, 0);
    const bus = new BusClient({
      self,
      transport: new IpcTransport(channel),
      state,
      offsets: new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
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
        bus.publish('flood', `${n}`, { durable: true }).then(
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
      // The calls settled in more than one turn of the event loop.
      expect(ticks).toBeGreaterThan(ticksAtFirst!);
    }
  });
});
