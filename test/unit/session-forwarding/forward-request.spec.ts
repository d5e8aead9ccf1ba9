import { once } from 'node:events';
import { createServer, request, type RequestOptions } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forwardRequest } from '../../../src/session-forwarding/forward-request.js';
import { HostConnections } from '../../../src/session-forwarding/hosts/host-connections.js';
import type { Peer } from '../../../src/session-forwarding/peer.interface.js';
import { systemClock } from '../../../src/system/time/clock.js';

/** What the peer does with each request, in order. */
type Step = 'answer' | 'close' | 'close late' | 'ignore';

const SILENCE = 5_000;
const SHORT_SILENCE = 100;

let connections: HostConnections;
let peerServer: Server;
let receiver: ReturnType<typeof createServer>;
let steps: Step[];
/** The bodies that the peer has received, and over how many connections. */
let bodies: string[];
/** What is before them. */
let heads: string[];
let opened: Socket[];
let silence: number;
/** Why the peer counts as unreachable. */
let reasons: string[];

beforeEach(async () => {
  [connections, steps, bodies, opened] = [new HostConnections(), [], [], []];
  [silence, reasons, heads] = [SILENCE, [], []];
  peerServer = createTcpServer(socket => {
    opened.push(socket);
    socket.on('error', () => {});
    socket.on('data', data => {
      const [head, body] = String(data).split('\r\n\r\n');
      heads.push(head!);
      bodies.push(body!);
      const step = steps.shift();
      if (step === 'close late') {
        const now = systemClock.now() + 1_100;
        vi.spyOn(systemClock, 'now').mockReturnValue(now);
      }
      if (step?.startsWith('close')) {
        socket.destroy();
      } else if (step !== 'ignore') {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
    });
  });
  peerServer.listen(0, '127.0.0.1');
  await once(peerServer, 'listening');
  const place = {
    host: '127.0.0.1',
    port: (peerServer.address() as AddressInfo).port,
    secure: false,
  };
  const peer: Peer = {
    closesIdle: true,
    headersExpire: true,
    createHeaders: () => ({}),
    request: (options: RequestOptions, isFresh: boolean) =>
      connections.request(place, options, isFresh, silence),
    connect: () => {
      throw new Error('not used');
    },
    close: () => {},
    onUnreachable: error => reasons.push(error.message),
  };
  receiver = createServer({ insecureHTTPParser: true }, (incoming, response) =>
    forwardRequest(incoming, response, peer, () => response.writeHead(400).end('gone')),
  );
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});

afterEach(() => {
  vi.restoreAllMocks();
  connections.close();
  opened.forEach(socket => socket.destroy());
  peerServer.close();
  receiver.close();
  receiver.closeAllConnections();
});

async function ask(method: string, body = ''): Promise<string> {
  const { port } = receiver.address() as AddressInfo;
  const asked = request({
    host: '127.0.0.1',
    port,
    method,
    headers: method === 'POST' ? { 'content-length': body.length } : {},
  });
  asked.end(body);
  // What is left of the body may not be read.
  asked.on('error', () => {});
  const [response] = await once(asked, 'response');
  return text(response as never);
}

/** Sends bytes, and returns the answer. */
async function send(bytes: string): Promise<string> {
  const socket = connect((receiver.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}

it.each(['GET', 'POST'])(
  'a %s request whose kept-alive connection is closed in the same moment is sent again, once',
  async method => {
    const body = method === 'POST' ? 'body' : '';
    steps = ['answer', 'close', 'answer', 'answer'];
    expect(await ask(method, body)).toBe('ok');
    expect(opened).toHaveLength(1);
    expect(await ask(method, body)).toBe('ok');
    expect(opened).toHaveLength(2);
    expect(bodies).toEqual([body, body, body]);
  },
);

it('a request over a new connection is not sent again', async () => {
  steps = ['close'];
  expect(await ask('POST', 'body')).toBe('gone');
  expect(bodies).toEqual(['body']);
  steps = ['answer', 'close', 'close'];
  expect(await ask('GET')).toBe('ok');
  expect(await ask('GET')).toBe('gone');
  expect(bodies).toHaveLength(4);
});

it('a request whose connection breaks later is not sent again: the owner may have received it', async () => {
  steps = ['answer', 'close late', 'answer'];
  expect(await ask('POST', 'first')).toBe('ok');
  expect(await ask('POST', 'second')).toBe('gone');
  expect(bodies).toEqual(['first', 'second']);
  expect(reasons).toHaveLength(1);
});

it('a request that is not answered is not sent again', async () => {
  steps = ['answer', 'ignore'];
  expect(await ask('GET')).toBe('ok');
  silence = SHORT_SILENCE;
  expect(await ask('POST', 'body')).toBe('gone');
  expect(bodies).toEqual(['', 'body']);
  expect(reasons).toEqual(['silent for 100 ms']);
});

it('a host is not blamed for a client that is silent', async () => {
  silence = SHORT_SILENCE;
  steps = ['ignore'];
  expect(await send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n')).toContain(
    'gone',
  );
  expect(bodies).toEqual(['']);
  expect(reasons).toEqual([]);
});

it('the chunks of a body are sent as chunks, whatever length the client has sent', async () => {
  const answer = await send(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n4\r\nPUT \r\n0\r\n\r\n',
  );
  expect(answer).toContain('ok');
  expect(heads.join()).toMatch(/transfer-encoding: chunked/i);
  expect(heads.join()).not.toMatch(/content-length/i);
});

it('a request over HTTP/1.0 needs no host', async () => {
  expect(await send('GET / HTTP/1.0\r\n\r\n')).toContain('ok');
  expect(heads[0]).toMatch(/\nhost: \r\n/i);
});

it('a client whose host ends in the middle of a long body gets an answer, and the body is not sent again', async () => {
  steps = ['close'];
  expect(await ask('POST', 'x'.repeat(5_000_000))).toBe('gone');
  expect(opened).toHaveLength(1);
});

it('a long body is streamed over a new connection', async () => {
  expect(await ask('GET')).toBe('ok');
  expect(await ask('POST', 'x'.repeat(70_000))).toBe('ok');
  expect(opened).toHaveLength(2);
});
