import { expect, it } from 'vitest';
import { isAfter } from '../../../src/bus/gaps/offset-step.js';
import type { BinaryJson } from '../../../src/socket.io/adapter/binary-json.js';
import { toBinaryJson } from '../../../src/socket.io/adapter/binary-json.js';
import type { LinkBus } from '../../../src/socket.io/adapter/io-link.js';
import { PacketLog } from '../../../src/socket.io/recovery/packet-log.js';

type Handler = (json: BinaryJson, context: { readonly offset: string }) => void;

it('gives a client what it has missed, also if another server continues the log in another epoch', async () => {
  const packet = { namespace: '/', packet: { data: [] }, to: { rooms: [], except: [] } };
  const events = ['7-1', '7-2', '9-3', '9-4'].map(offset => ({
    offset,
    payload: toBinaryJson(packet),
  }));
  let deliver: Handler | undefined;
  const bus = {
    subscribe: async (_topic: string, handler: Handler) => {
      deliver = handler;
      return { unsubscribe: () => Promise.resolve() };
    },
    publish: async (_topic: string, payload: BinaryJson) => {
      events.push({ offset: '9-5', payload });
      deliver?.(payload, { offset: '9-5' });
    },
  } as unknown as LinkBus;
  const read = async (_topic: string, after: string) => ({
    events: events.filter(({ offset }) => isAfter(offset, after)),
    follows: events.some(({ offset }) => offset === after),
  });
  const log = new PacketLog(bus, read, 't', 60_000);
  await log.open(() => {});
  const offsetsAfter = async (offset: string) =>
    (await log.after(offset))?.().map(placed => placed.offset);
  expect(await offsetsAfter('7-1')).toEqual(['7-2', '9-3', '9-4', '9-5']);
  expect(await offsetsAfter('7-2')).toEqual(['9-3', '9-4', '9-5']);
  // The server has lost this one, and perhaps others that the client has not received.
  expect(await offsetsAfter('7-3')).toBeUndefined();
  await log.close();
});
