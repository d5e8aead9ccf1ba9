import { once } from 'node:events';
import { createServer as createPeer, type Server } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forwardRequest } from '../../../src/session-forwarding/forward-request.js';
import { takeHeader } from '../../../src/session-forwarding/forwarded-headers.js';
import { HostConnections } from '../../../src/session-forwarding/hosts/host-connections.js';
import { eventually } from '../../support/eventually.js';

const HEADER = 'x-nestjs-cluster-ticket';
const PATH = '/socket.io/';

let connections: HostConnections;
let peerServer: Server;
let receiver: Http2Server;
let client: ClientHttp2Session;
/** What has happened, in order. */
let log: string[];

beforeEach(async () => {
  log = [];
  connections = new HostConnections();
  peerServer = createPeer((request, response) => {
    log.push(`${request.method} ${request.headers.host}`);
    response.on('close', () => response.writableFinished || log.push('aborted'));
    if (request.url === PATH) {
      void text(request).then(body => response.end(body || 'ok'));
    }
  }).listen(0, '127.0.0.1');
  await once(peerServer, 'listening');
  const { port } = peerServer.address() as AddressInfo;
  const place = { host: '127.0.0.1', port, secure: false };
  receiver = createServer((incoming, response) => {
    const taken = takeHeader(incoming as never, HEADER);
    if (taken !== undefined) {
      const left = HEADER in incoming.headers || incoming.rawHeaders.includes(HEADER);
      response.end(`${taken} ${left}`);
      return;
    }
    const peer = {
      headersExpire: true,
      createHeaders: () => ({}),
      closesIdle: true,
      request: (options: object, isFresh: boolean) =>
        connections.request(place, options, isFresh, 5_000),
      connect: () => undefined as never,
      close: () => {},
      onUnreachable: () => log.push('unreachable'),
    };
    forwardRequest(incoming as never, response as never, peer, () => log.push('gone'));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  client = connect(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}`);
});

afterEach(() => {
  client.destroy();
  connections.close();
  peerServer.close();
  peerServer.closeAllConnections();
  receiver.close();
});

function ask(headers: object): ClientHttp2Stream {
  return client.request({ ':path': PATH, ':authority': 'one.example', ...headers });
}

it('a header is removed from a request over HTTP/2', async () => {
  expect(await text(ask({ [HEADER]: 'value' }))).toBe('value false');
});

it('a request over HTTP/2 is forwarded with its host and its body', async () => {
  expect(await text(ask({}))).toBe('ok');
  const asked = ask({ ':method': 'POST' });
  asked.end('body');
  expect(await text(asked)).toBe('body');
  expect(log).toEqual(['GET one.example', 'POST one.example']);
});

it('a request over HTTP/2 that its client gives up is not sent again, and its host is not blamed', async () => {
  expect(await text(ask({}))).toBe('ok');
  const poll = ask({ ':path': `${PATH}?wait` });
  await eventually(
    () => log.length === 2,
    2_000,
    () => 'Not forwarded.',
  );
  poll.close();
  await eventually(
    () => log.includes('aborted'),
    2_000,
    () => 'Not aborted.',
  );
  expect(await text(ask({}))).toBe('ok');
  expect(log).toEqual(['GET one.example', 'GET one.example', 'aborted', 'GET one.example']);
});
