import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, get, type RequestListener, type Server } from 'node:http';
import {
  connect as connectHttp2,
  createSecureServer,
  createServer as createHttp2Server,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectSecurely } from 'node:tls';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpConnections } from '../../../../src/drain/http/http-connections.js';
import { block } from '../../../fixtures/apps/block.js';

let connections: HttpConnections;
let opened: Server[];

beforeEach(() => {
  connections = new HttpConnections();
  opened = [];
});
afterEach(() => opened.forEach(server => server.listening && server.close()));

async function listen(
  isOfApplication?: boolean,
  answer: RequestListener = (_, response) => response.end('hello'),
): Promise<Server> {
  const server = createServer(answer);
  opened.push(server);
  connections.attach(server, isOfApplication);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function answerOf(server: Server): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo;
  const request = get({ port, host: '127.0.0.1', agent: false });
  const [response] = (await once(request, 'response')) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const [key, cert] = ['key', 'cert'].map(name =>
    readFileSync(new URL(`../../../fixtures/certificate/${name}.pem`, import.meta.url)),
  ) as [Buffer, Buffer];
  return { key, cert };
}

/** A client of an HTTPS server that has not begun the handshake yet. */
async function acceptSecurely(): Promise<Socket> {
  const server = createHttpsServer(certificate(), (_, response) => response.end('hello'));
  opened.push(server);
  connections.attach(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  return client;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await nextTurn();
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('the connections of HTTP servers', () => {
  it('are those of no server that was closed, as libraries open and close many', async () => {
    const closed: WeakRef<Server>[] = [];
    for (let count = 0; count < 5; count++) {
      const server = await listen();
      await answerOf(server);
      await close(server);
      closed.push(new WeakRef(server));
      opened = [];
    }
    const alive = (): number => closed.filter(server => server.deref() !== undefined).length;
    for (let turn = 0; turn < 50 && alive() > 1; turn++) {
      await nextTurn();
      collectGarbage();
    }
    // Node may hold the last one for some time.
    expect(alive()).toBeLessThanOrEqual(1);
    expect(connections.requests).toBe(5);
  });

  it('are those of a server that listens again', async () => {
    const server = await listen();
    await close(server);
    connections.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    await answerOf(server);
    expect(connections.requests).toBe(1);
    connections.stopAccepting();
    expect(server.listening).toBe(false);
  });

  it('are no longer accepted during a drain, but on servers opened meanwhile for something else', async () => {
    const known = await listen();
    connections.announceEnd(1_000);
    connections.stopAccepting();
    expect(known.listening).toBe(false);
    const helper = await listen(false);
    expect(await answerOf(helper)).toBe(200);
    expect((await listen()).listening).toBe(false);
  });

  it('are not closed for a silence that only the blocked process has not seen the end of', async () => {
    const server = await listen();
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    await Promise.all([once(client, 'connect'), once(server, 'connection')]);
    connections.announceEnd(5_000);
    connections.stopAccepting();
    const drained = connections.drain(5_000);
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    block(1_200);
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 200 OK');
    await drained;
  });

  it('end after the last response of those that were in flight when the drain began', async () => {
    const waiting: (() => void)[] = [];
    const server = await listen(true, (_, response) => {
      waiting.push(() => response.end('hello'));
    });
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
    const received = text(client);
    await until(() => waiting.length === 3);
    connections.announceEnd(5_000);
    connections.stopAccepting();
    const drained = connections.drain(5_000);
    // The last one is ready first.
    waiting.toReversed().forEach(answer => setImmediate(answer));
    const answers = (await received).split('HTTP/1.1 200 OK').slice(1);
    expect(answers.map(answer => /^connection: (.*)\r$/im.exec(answer)?.[1])).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
    ]);
    await drained;
  });

  it('count each request once, also if another library takes over and calls the listeners', async () => {
    const server = await listen();
    const former = server.listeners('request') as ((...args: unknown[]) => void)[];
    server.removeAllListeners('request');
    server.on('request', (...args) => former.forEach(listener => listener.apply(server, args)));
    connections.attach(server);
    connections.attach(server);
    await answerOf(server);
    expect(connections.requests).toBe(1);
  });

  it('are also those of HTTP/1 clients of an HTTP/2 server that have not asked for anything yet', async () => {
    const server = createSecureServer({ ...certificate(), allowHTTP1: true }, (_, response) => {
      response.end('hello');
    });
    opened.push(server as unknown as Server);
    connections.attach(server as unknown as Server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false };
    const client = connectSecurely({ ...options, ALPNProtocols: ['http/1.1'] });
    await Promise.all([once(client, 'secureConnect'), once(server, 'secureConnection')]);
    let isDrained = false;
    connections.announceEnd(5_000);
    const drained = connections.drain(5_000).then(() => (isDrained = true));
    await nextTurn();
    expect(isDrained).toBe(false);
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 200 OK');
    await drained;
  });

  describe('whose TLS handshake is not complete', () => {
    it('are waited for', async () => {
      const raw = await acceptSecurely();
      let isDrained = false;
      connections.announceEnd(5_000);
      const drained = connections.drain(5_000).then(() => (isDrained = true));
      await nextTurn();
      expect(isDrained).toBe(false);
      const client = connectSecurely({ socket: raw, rejectUnauthorized: false });
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const [answer] = (await once(client, 'data')) as [Buffer];
      expect(answer.toString()).toContain('HTTP/1.1 200 OK');
      await drained;
    });

    it('are closed if they stay silent, as others', async () => {
      const client = await acceptSecurely();
      client.on('error', () => {});
      const begun = performance.now();
      connections.announceEnd(5_000);
      await Promise.all([once(client, 'close'), connections.drain(5_000)]);
      expect(performance.now() - begun).toBeGreaterThan(900);
      expect(performance.now() - begun).toBeLessThan(4_000);
    });
  });
});

describe('what the drain waits for beside connections', () => {
  const other = { size: 1 };

  it('is waited for until it is empty, also if it grows meanwhile', async () => {
    const onRemoved = connections.waitFor(other);
    let isOver = false;
    const drained = connections.drain(60_000).then(() => (isOver = true));
    for (const size of [2, 1]) {
      other.size = size;
      onRemoved();
      await nextTurn();
      expect(isOver).toBe(false);
    }
    other.size = 0;
    onRemoved();
    await drained;
    expect(isOver).toBe(true);
  });

  it('is not waited for longer than the drain may take', async () => {
    other.size = 1;
    connections.waitFor({ size: 1, messages: 1 });
    connections.waitFor(other);
    expect(await connections.drain(50)).toMatchObject({ inFlight: 0, messages: 1 });
    expect(other.size).toBe(1);
  });
});

describe('an HTTP/2 server that handles streams itself', () => {
  it('has its requests counted without a listener to requests, which would answer them, too', async () => {
    const server = createHttp2Server();
    server.on('stream', stream => {
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.end();
    });
    connections.attach(server as unknown as Server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    connections.attach(server as unknown as Server);
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const call = session.request({ ':path': '/' });
    call.resume();
    const [trailers] = (await once(call, 'trailers')) as [Record<string, string>];
    expect(trailers['grpc-status']).toBe('0');
    expect([connections.requests, server.listenerCount('request')]).toEqual([1, 0]);
    session.close();
    server.close();
  });
});

describe('the counts', () => {
  it('tell connections, requests without a complete response, and idle connections', async () => {
    const answers: (() => void)[] = [];
    const server = await listen(true, (_, response) => answers.push(() => response.end()));
    const { port } = server.address() as AddressInfo;
    const sockets = [0, 1].map(() => connect(port, '127.0.0.1'));
    await Promise.all(sockets.map(socket => once(socket, 'connect')));
    sockets[0]!.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(server, 'request');
    const counts = { open: 2, webSockets: 0, messages: 0 };
    expect(connections.count()).toEqual({ ...counts, idle: 1, inFlight: 1 });
    answers[0]!();
    await once(sockets[0]!, 'data');
    expect(connections.count()).toEqual({ ...counts, idle: 2, inFlight: 0 });
    connections.waitFor({ size: 3, messages: 2 });
    sockets.forEach(socket => socket.destroy());
    expect(connections.count().messages).toBe(2);
  });
});
