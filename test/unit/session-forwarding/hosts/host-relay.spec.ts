import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server as HttpServer } from 'node:http';
import { createServer as createSecureServer, request as secureRequest } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from 'socket.io';
import { io, type Socket as ClientSocket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { closeWebSocket } from '../../../../src/drain/websocket/close-web-socket.js';
import { createServices } from '../../../../src/services/create-services.js';
import {
  HostRelay,
  type HostRelayParts,
} from '../../../../src/session-forwarding/hosts/host-relay.js';
import {
  signTicket,
  type Ticket,
  TICKET_HEADER,
  TICKET_VALIDITY,
} from '../../../../src/session-forwarding/hosts/ticket.js';
import { SessionForwarder } from '../../../../src/session-forwarding/session-forwarder.js';
import { MemoryBudget } from '../../../../src/state/backends/memory/memory-budget.js';
import { systemClock } from '../../../../src/system/time/clock.js';
import { AlternatingBalancer } from '../../../support/alternating-balancer.js';
import { eventually } from '../../../support/eventually.js';
import { FakeHostState } from '../../../support/socket-io/fake-host-state.js';
import { forwardingRuntime } from '../../../support/socket-io/server-host.js';

const read = (file: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/certificate/${file}`, import.meta.url));

/** A certificate for nobody. */
const TLS = { key: read('key.pem'), cert: read('cert.pem') };

const SERVER = '0/socket.io';
const UNKNOWN = { status: 400, body: '{"code":1,"message":"Session ID unknown"}' };

/** Milliseconds between pings, and for their answers: a host that is silent for longer is gone. */
const PING = { pingInterval: 2_000, pingTimeout: 500 };

/** What Engine.IO has seen of a request. */
interface Seen {
  readonly address: string | undefined;
  readonly isEncrypted: boolean;
  readonly headers: string[];
}

type Services = ReturnType<typeof createServices>;

const ignore = (): void => {};

/** A relay without a forwarder of its own. */
function relayWith(parts: Pick<HostRelayParts, 'hostId'> & Partial<HostRelayParts>): HostRelay {
  return new HostRelay({
    state,
    given: { host: '192.0.2.1' },
    own: () => [],
    drainSignal: new AbortController().signal,
    isStopping: () => false,
    log: { announced: ignore, notAnnounced: ignore, unreachable: ignore, expired: ignore },
    ...parts,
  });
}

class Worker {
  readonly seen: Seen[] = [];
  readonly http: HttpServer;
  readonly server: Server;
  readonly drain = new AbortController();
  readonly log: string[] = [];
  connections = 0;
  isStopping = false;
  readonly #forwarder: SessionForwarder;
  readonly #relay: HostRelay;

  constructor(
    services: Services,
    id: number,
    state: FakeHostState,
    private readonly options: { isAnnounced?: boolean; isSecure?: boolean; tls?: object } = {},
  ) {
    const { isAnnounced = true, isSecure = false, tls } = options;
    this.http = isSecure ? createSecureServer(TLS) : createServer();
    this.server = new Server(this.http, PING);
    this.#forwarder = new SessionForwarder(forwardingRuntime(services, id));
    this.#relay = new HostRelay({
      state,
      hostId: () => this.#forwarder.hostId(),
      given: { host: '127.0.0.1' },
      own: () => [],
      tls,
      drainSignal: this.drain.signal,
      isStopping: () => this.isStopping,
      log: {
        announced: () => this.log.push('announced'),
        notAnnounced: () => this.log.push('not announced'),
        unreachable: (_, error) => this.log.push(error.message),
        expired: () => this.log.push('expired'),
      },
    });
    this.#forwarder.attach(SERVER, this.server.engine as never, this.http, this.#relay);
    // In a host, all workers have the same port.
    if (isAnnounced) {
      this.#relay.announce(SERVER, this.http, isSecure);
    }
    this.http.on('connection', () => this.connections++);
    this.server.engine.use((incoming: IncomingMessage, _: unknown, next: () => void) => {
      const { remoteAddress: address } = incoming.socket;
      const isEncrypted = 'encrypted' in incoming.socket && incoming.socket.encrypted === true;
      this.seen.push({ address, isEncrypted, headers: Object.keys(incoming.headers) });
      next();
    });
    this.server.on('connection', socket =>
      socket.on('echo', (value: unknown, answer: (value: unknown) => void) => answer(value)),
    );
  }

  async listen(): Promise<this> {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    await this.#relay.ready();
    return this;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  /** A request of a client with an address of its own. */
  async ask(
    sid = '',
    { method = 'GET', body = '', headers = {}, from = '127.0.0.9' } = {},
  ): Promise<{ readonly status: number | undefined; readonly body: string }> {
    const asked = (this.options.isSecure ? secureRequest : request)({
      rejectUnauthorized: false,
      host: '127.0.0.1',
      port: this.port,
      localAddress: from,
      method,
      path: `/socket.io/?EIO=4&transport=polling${sid && `&sid=${sid}`}`,
      headers:
        method === 'POST' ? { 'content-length': Buffer.byteLength(body), ...headers } : headers,
    });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  }

  async newSession(): Promise<string> {
    const { body } = await this.ask();
    return (JSON.parse(body.slice(1)) as { readonly sid: string }).sid;
  }

  async close(): Promise<void> {
    await this.server.close();
    this.http.closeAllConnections();
    this.#forwarder.close();
    await this.#relay.close();
  }
}

/** Two hosts. */
const [one, other] = [0, 1].map(() => createServices(Infinity, new MemoryBudget())) as [
  Services,
  Services,
];

let state: FakeHostState;
let here: Worker;
/** A worker of another host, which has announced its address, and a worker of the same host that has not. */
let announced: Worker;
let unannounced: Worker;

beforeEach(async () => {
  state = new FakeHostState();
  here = await new Worker(one, 1, state).listen();
  announced = await new Worker(other, 1, state).listen();
  unannounced = await new Worker(other, 2, state, { isAnnounced: false }).listen();
});

afterEach(() => Promise.all([here, announced, unannounced].map(worker => worker.close())));

const POST = { method: 'POST', body: '40' };
const OK = { status: 200, body: 'ok' };

describe('a request for a session of another host', () => {
  it('reaches the worker that has it, with the address of the client, over one connection', async () => {
    for (const owner of [announced, unannounced]) {
      const sid = await owner.newSession();
      owner.seen.length = 0;
      const before = announced.connections;
      expect(await here.ask(sid, POST)).toEqual(OK);
      expect((await here.ask(sid, { from: '127.0.0.10' })).body).toMatch(/^40\{/);
      expect(owner.seen.map(({ address }) => address)).toEqual(['127.0.0.9', '127.0.0.10']);
      const names = owner.seen.flatMap(({ headers }) => headers);
      expect(names.filter(name => name.startsWith('x-nestjs-cluster'))).toEqual([]);
      expect(announced.connections - before).toBe(owner === announced ? 1 : 0);
    }
  });

  it('may have a long body', async () => {
    const sid = await unannounced.newSession();
    await here.ask(sid, POST);
    await here.ask(sid);
    const long = 'x'.repeat(200_000);
    expect(await here.ask(sid, { method: 'POST', body: `420["echo","${long}"]` })).toEqual(OK);
    expect((await here.ask(sid)).body).toBe(`430["${long}"]`);
  });

  it('may have a body that is slow', async () => {
    const sid = await unannounced.newSession();
    unannounced.seen.length = 0;
    const now = vi.spyOn(Date, 'now');
    for (const headers of [{ 'content-length': 2 }, {}]) {
      const at = systemClock.wallTime();
      const received = once(here.http, 'request');
      const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
      const { port } = here;
      const localAddress = '127.0.0.9';
      const host = '127.0.0.1';
      const asked = request({ host, port, localAddress, method: 'POST', path, headers });
      asked.flushHeaders();
      await received;
      await delay(100);
      now.mockReturnValue(at + TICKET_VALIDITY + 1_000);
      asked.end(headers['content-length'] === undefined ? '41' : '40');
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      expect(await text(response)).toBe('ok');
      now.mockRestore();
    }
    expect(unannounced.seen.map(({ address }) => address)).toEqual(['127.0.0.9', '127.0.0.9']);
    expect([announced.log, unannounced.log].flat()).not.toContain('expired');
  });

  it('may be an upgrade', async () => {
    const balancer = await AlternatingBalancer.start([here.port, unannounced.port]);
    const faults: string[] = [];
    for (let session = 0; session < 10; session++) {
      const client = io(`http://127.0.0.1:${balancer.port}`, { forceNew: true });
      client.on('connect_error', error => faults.push(error.message));
      client.on('disconnect', reason => faults.push(reason));
      await upgradedOf(client);
      expect(await client.timeout(2_000).emitWithAck('echo', session)).toBe(session);
      client.off('disconnect').close();
    }
    balancer.close();
    expect(faults).toEqual([]);
  });

  it('is for an unknown session if its host is gone', async () => {
    const sid = await announced.newSession();
    expect(await here.ask(sid, POST)).toEqual(OK);
    await announced.close();
    expect(await here.ask(sid)).toEqual(UNKNOWN);
    expect(await here.ask(sid, POST)).toEqual(UNKNOWN);
    expect(here.log).toContainEqual(expect.stringContaining('ECONNREFUSED'));
  });

  it('is for an unknown session at once if its host has withdrawn, and was not reached', async () => {
    const sid = await announced.newSession();
    expect(await here.ask(sid, POST)).toEqual(OK);
    announced.isStopping = true;
    await announced.close();
    expect([...state.fields.keys()].filter(field => field.startsWith(sid.slice(0, 12)))).toEqual(
      [],
    );
    here.log.length = 0;
    expect(await here.ask(sid)).toEqual(UNKNOWN);
    expect(await here.ask(sid)).toEqual(UNKNOWN);
    expect(here.log).toHaveLength(1);
  });

  it('is for an unknown session if its host is silent', async () => {
    const sid = await announced.newSession();
    const silent = createTcpServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    for (const [field, place] of state.fields) {
      state.fields.set(field, { ...(place as object), port });
    }
    const askedAt = systemClock.now();
    expect(await here.ask(sid)).toEqual(UNKNOWN);
    expect(systemClock.now() - askedAt).toBeGreaterThanOrEqual(2_400);
    silent.close();
  });

  it('is for an unknown session if nobody knows the host, or Redis does not answer', async () => {
    const sid = await announced.newSession();
    state.isDown = true;
    expect(await here.ask(sid)).toEqual(UNKNOWN);
    state.isDown = false;
    expect(await here.ask(`0123456789ab.1.${sid.slice(15)}`)).toEqual(UNKNOWN);
    expect((await here.ask(sid, POST)).status).toBe(200);
  });
});

describe('a server', () => {
  it('is announced once, as long as it has not moved', async () => {
    const before = state.writes;
    announced.http.emit('listening');
    await announced.newSession();
    expect([announced.log, state.writes]).toEqual([['announced'], before]);
    vi.spyOn(announced.http, 'address').mockReturnValue({
      address: '::1',
      family: 'IPv6',
      port: 1,
    });
    announced.http.emit('listening');
    await eventually(
      () => state.writes > before,
      2_000,
      () => 'Not announced.',
    );
    expect(announced.log).toEqual(['announced', 'announced']);
    expect([...state.fields.values()]).toContainEqual({
      host: '127.0.0.1',
      port: 1,
      secure: false,
    });
  });

  it('is announced when the id of its host is known', async () => {
    let isKnown = false;
    const relay = relayWith({
      hostId: () => (isKnown ? Promise.resolve('abc') : Promise.reject(new Error('unknown'))),
    });
    vi.spyOn(announced.http, 'address').mockReturnValue({
      address: '::1',
      family: 'IPv6',
      port: 1,
    });
    relay.announce('t', announced.http, false);
    await relay.announced();
    expect([...state.fields.keys()]).not.toContain('abc t');
    isKnown = true;
    await relay.announced();
    expect([...state.fields.keys()]).toContain('abc t');
    await relay.close();
  });
});

describe('a relay that is closed before the id of its host is known', () => {
  it('announces nothing', async () => {
    let tell!: (host: string) => void;
    const hostId = new Promise<string>(resolve => (tell = resolve));
    const relay = relayWith({ hostId: () => hostId, isStopping: () => true });
    relay.announce('t', announced.http, false);
    await relay.close();
    tell('abc');
    await relay.announced();
    expect([...state.fields.keys()]).not.toContain('abc t');
  });
});

describe('hosts with HTTPS', () => {
  const isSecure = true;
  const tls = { ca: TLS.cert, checkServerIdentity: () => undefined };

  it('forward to each other', async () => {
    const sender = await new Worker(one, 7, state, { isSecure, tls }).listen();
    const receiver = await new Worker(other, 7, state, { isSecure }).listen();
    const sid = await receiver.newSession();
    receiver.seen.length = 0;
    expect(await sender.ask(sid, POST)).toEqual(OK);
    expect((await sender.ask(sid)).body).toMatch(/^40\{/);
    expect(receiver.seen.map(({ isEncrypted }) => isEncrypted)).toEqual([true, true]);
    await Promise.all([sender.close(), receiver.close()]);
  });

  it('refuse a certificate that they do not trust, and log why', async () => {
    const sender = await new Worker(one, 7, state, { isSecure }).listen();
    const receiver = await new Worker(other, 7, state, { isSecure }).listen();
    expect(await sender.ask(await receiver.newSession(), POST)).toEqual(UNKNOWN);
    expect(sender.log).toContainEqual(expect.stringMatching(/self.signed/));
    await Promise.all([sender.close(), receiver.close()]);
  });
});

describe('a worker that drains', () => {
  it('does not wait for the polls of sessions of other hosts', async () => {
    for (const owner of [announced, unannounced]) {
      const sid = await owner.newSession();
      await here.ask(sid, POST);
      await here.ask(sid);
      const isWaiting = owner.seen.length + 1;
      const poll = here.ask(sid);
      await eventually(
        () => owner.seen.length === isWaiting,
        2_000,
        () => 'No poll.',
      );
      here.drain.abort();
      expect(await poll).toEqual({ status: 200, body: '6' });
      expect(await here.ask(sid)).toEqual({ status: 200, body: '6' });
    }
  });

  it('lets another host close the WebSockets of its sessions', async () => {
    const sid = await unannounced.newSession();
    const upgraded = once(here.http, 'upgrade') as Promise<[IncomingMessage, Socket]>;
    const url = `ws://127.0.0.1:${here.port}/socket.io/?EIO=4&transport=websocket&sid=${sid}`;
    const client = new WebSocket(url);
    await once(client, 'open');
    client.send('2probe');
    expect(String((await once(client, 'message'))[0])).toBe('3probe');
    client.send('5');
    client.send('40');
    await once(client, 'message');
    const closed = once(client, 'close');
    const [, socket] = await upgraded;
    closeWebSocket(socket, 0);
    expect((await closed)[0]).toBe(1012);
  });
});

describe('a ticket', () => {
  it('that is forged is removed, and has no effect', async () => {
    const sid = await announced.newSession();
    announced.seen.length = 0;
    const headers = ticketHeader(sid, {}, 'guessed');
    expect(await announced.ask(sid, { ...POST, headers })).toEqual(OK);
    // It is forwarded as without the header.
    expect((await here.ask(sid, { headers })).body).toMatch(/^40\{/);
    expect(announced.seen.map(({ address }) => address)).toEqual(['127.0.0.9', '127.0.0.9']);
    expect(announced.seen.flatMap(seen => seen.headers)).not.toContain(TICKET_HEADER);
  });

  it('that is old is removed, and its request is not forwarded to another host', async () => {
    const sid = await announced.newSession();
    announced.seen.length = 0;
    const headers = ticketHeader(sid, { at: systemClock.wallTime() - TICKET_VALIDITY - 1_000 });
    expect(await announced.ask(sid, { ...POST, headers })).toEqual(OK);
    expect(announced.seen).toEqual([
      {
        address: '127.0.0.9',
        isEncrypted: false,
        headers: expect.not.arrayContaining([TICKET_HEADER]),
      },
    ]);
    expect(await here.ask(sid, { headers })).toEqual(UNKNOWN);
    expect([announced.log, here.log].map(log => log.includes('expired'))).toEqual([true, true]);
  });

  it('with an order has no effect if it is old', async () => {
    const sid = await announced.newSession();
    const at = systemClock.wallTime() - TICKET_VALIDITY - 1_000;
    const headers = ticketHeader(sid, { at, order: 'close' });
    expect((await announced.ask(sid, { method: 'PUT', headers })).status).toBe(500);
    expect(await announced.ask(sid, POST)).toEqual(OK);
  });

  it('can be used once', async () => {
    for (const owner of [announced, unannounced]) {
      const sid = await owner.newSession();
      owner.seen.length = 0;
      const headers = ticketHeader(sid, { ticketId: sid });
      expect(await announced.ask(sid, { ...POST, headers })).toEqual(OK);
      for (const worker of [announced, unannounced]) {
        expect(await worker.ask(sid, { ...POST, headers })).toEqual(UNKNOWN);
      }
      expect(owner.seen.map(({ address }) => address)).toEqual(['192.0.2.1']);
    }
  });

  it('is of no use for other sessions, or on other hosts', async () => {
    const [sid, another] = [await announced.newSession(), await announced.newSession()];
    announced.seen.length = 0;
    expect(await announced.ask(another, { ...POST, headers: ticketHeader(sid) })).toEqual(OK);
    expect(announced.seen[0]!.address).toBe('127.0.0.9');
    expect(await here.ask(sid, { headers: ticketHeader(sid) })).toEqual(UNKNOWN);
  });
});

function ticketHeader(sessionId: string, changes: Partial<Ticket> = {}, secret = secretOf(state)) {
  const client = { address: '192.0.2.1', encrypted: false };
  const at = systemClock.wallTime();
  const ticket = { sessionId, at, ticketId: `${at}`, client, ...changes };
  return { [TICKET_HEADER]: signTicket(ticket, secret) };
}

function upgradedOf({ io: { engine } }: ClientSocket): Promise<void> {
  return eventually(
    () => engine.transport.name === 'websocket',
    5_000,
    () => 'No upgrade.',
  );
}

function secretOf({ values }: FakeHostState): string {
  return [...values.values()][0] as string;
}
