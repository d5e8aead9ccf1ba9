import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Runtime } from '../../../src/runtime/runtime.js';
import { createServices } from '../../../src/services/create-services.js';
import type { Engine } from '../../../src/session-forwarding/engine.interface.js';
import { takeHeader } from '../../../src/session-forwarding/forwarded-headers.js';
import { TICKET_HEADER } from '../../../src/session-forwarding/hosts/ticket.js';
import type { OtherHosts } from '../../../src/session-forwarding/other-hosts.interface.js';
import type { Peer } from '../../../src/session-forwarding/peer.interface.js';
import { SessionForwarder } from '../../../src/session-forwarding/session-forwarder.js';
import { MemoryBudget } from '../../../src/state/backends/memory/memory-budget.js';
import { forwardingRuntime } from '../../support/socket-io/server-host.js';

let runtime: Runtime;
let forwarder: SessionForwarder;
let engine: Engine;
let server: Server;
let moved: object[] = [];

beforeEach(async () => {
  const send = (message: object, _: unknown, __: unknown, written: () => void): void => {
    moved.push(message);
    written();
  };
  const link = Object.assign(new EventEmitter(), { connected: true, send });
  Object.assign(cluster, { worker: { process: link } });
  const services = createServices(Infinity, new MemoryBudget());
  runtime = forwardingRuntime(services, 1);
  forwarder = new SessionForwarder(runtime);
  // Without the announcement of the new forwarder.
  moved = [];
  engine = {
    clients: {},
    clientsCount: 0,
    on: () => {},
    generateId: () => 'own',
    handleRequest: (_, response) => response.end('here'),
    handleUpgrade: () => {},
  };
  server = createServer((...call) => engine.handleRequest(...call));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  Reflect.deleteProperty(cluster, 'worker');
  forwarder.close();
  server.close();
  server.closeAllConnections();
});

/** Sends a request for a session of another worker, and resolves when it was answered, or its connection has moved. */
async function askForOther(headers: Record<string, string>): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const path = `/?sid=${await forwarder.hostId()}.2.other`;
  const asked = request({ host: '127.0.0.1', port, path, headers });
  asked.end();
  await new Promise(resolve => asked.on('response', resolve).on('error', resolve));
  asked.destroy();
}

/** Accepts no ticket. */
const hosts = (isExpired: boolean): OtherHosts => ({
  announced: () => Promise.resolve(),
  takeTicket: (incoming: IncomingMessage) => {
    takeHeader(incoming, TICKET_HEADER);
    return isExpired ? 'expired' : undefined;
  },
  find: () => Promise.resolve(undefined),
});

it('an upgrade to a host to which Node refuses to connect is closed, and the reason is reported', async () => {
  const reasons: string[] = [];
  const peer = {
    connect: () => {
      throw new TypeError('refused');
    },
    onUnreachable: (error: Error) => void reasons.push(error.message),
  } as unknown as Peer;
  forwarder.attach('a', engine, server, { ...hosts(false), find: () => Promise.resolve(peer) });
  await forwarder.open();
  server.on('upgrade', (...call) => engine.handleUpgrade(...(call as [never, never, never])));
  const { port } = server.address() as AddressInfo;
  const path = '/?sid=0123456789ab.1.x';
  const headers = { connection: 'upgrade', upgrade: 'websocket' };
  const asked = request({ host: '127.0.0.1', port, path, headers });
  asked.end();
  const [error] = (await once(asked, 'error')) as [Error];
  expect(error.message).toBe('socket hang up');
  expect(reasons).toEqual(['refused']);
});

describe('the connection of a request for a session of another worker', () => {
  it('moves', async () => {
    forwarder.attach('a', engine, server, hosts(false));
    await forwarder.open();
    await askForOther({});
    expect(moved).toHaveLength(1);
  });

  it.each([
    ['an expired ticket', hosts(true)],
    ['an unreadable ticket', hosts(false)],
    ['a ticket that nobody reads', undefined],
  ])('does not move with %s: another host uses it for many sessions', async (_, others) => {
    forwarder.attach('a', engine, server, others);
    await forwarder.open();
    await askForOther({ [TICKET_HEADER]: 'x' });
    expect(moved).toEqual([]);
  });
});

it('sessions begin as soon as the private socket can be opened', async () => {
  const directory = join(tmpdir(), randomUUID());
  const answer = { directory, host: '0123456789ab' };
  const channel = { ask: () => Promise.resolve(answer), close: () => {} };
  Object.assign(runtime.host, { channel: { open: () => channel } });
  const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
  forwarder.attach('a', engine, server);
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(engine.generateId({} as never)).rejects.toThrow('listen');
  }
  await mkdir(directory);
  expect(await engine.generateId({} as never)).toBe('0123456789ab.1.own');
  expect(logged.mock.calls).toEqual([[expect.stringContaining('cannot begin sessions')]]);
  logged.mockRestore();
  forwarder.close();
  await rm(directory, { recursive: true });
});
