import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AdapterNamespace } from '../../../src/socket.io/adapter/cluster-socket-adapter.js';
import { toBinaryJson } from '../../../src/socket.io/adapter/binary-json.js';
import type { IoLink } from '../../../src/socket.io/adapter/io-link.js';
import type { PacketLog, PlacedPacket } from '../../../src/socket.io/recovery/packet-log.js';
import { RecoveringAdapter } from '../../../src/socket.io/recovery/recovering-adapter.js';
import type { SessionStore } from '../../../src/socket.io/recovery/session-store.js';

const MISSED: PlacedPacket[] = [2, 3].map(number => ({
  offset: `1-${number}`,
  entry: {
    namespace: '/',
    packet: { data: ['tick', number] },
    to: { rooms: [], except: [] },
  },
}));

let http: HttpServer;
let server: Server;
let url: string;

beforeEach(async () => {
  http = createServer();
  const link = { newId: () => 'id', add: () => () => {}, active: new Promise(() => {}) };
  const recovery = {
    log: {
      after: () => Promise.resolve(() => MISSED),
      append: (packet: unknown) => Promise.resolve(toBinaryJson(packet)),
    } as unknown as PacketLog,
    sessions: {
      save() {},
      find: (_: string, pid: string) =>
        Promise.resolve({ sid: 'sid', pid, rooms: ['sid'], data: {} }),
    } as unknown as SessionStore,
    onFailure() {},
  };
  server = new Server(http, {
    connectionStateRecovery: { skipMiddlewares: true },
    adapter: function (nsp: AdapterNamespace) {
      return new RecoveringAdapter(
        nsp,
        link as unknown as IoLink,
        { requestsTimeout: 1_000 },
        recovery,
      );
    } as never,
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/socket.io/?EIO=4&transport=polling`;
});

afterEach(() => server.close());

it('sends what a client has missed after the confirmation of its connection, which the client waits for', async () => {
  const opened = await (await fetch(url)).text();
  const session = `${url}&sid=${(JSON.parse(opened.slice(1)) as { sid: string }).sid}`;
  await fetch(session, { method: 'POST', body: '40{"pid":"pid","offset":"1-1"}' });
  const packets: string[] = [];
  while (packets.length < 3) {
    packets.push(...(await (await fetch(session)).text()).split('\u001e'));
  }
  // A client repeats what came before the confirmation if its connection ends between the two.
  expect(packets).toEqual([
    '40{"sid":"sid","pid":"pid"}',
    '42["tick",2,"1-2"]',
    '42["tick",3,"1-3"]',
  ]);
});

it('tells the caller of emit() that a packet cannot be encoded', () => {
  expect(() => server.emit('tick', 1n)).toThrow('BigInt');
});
