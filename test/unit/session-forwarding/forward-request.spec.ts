import { once } from 'node:events';
import { createServer, request, type RequestOptions } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { forwardRequest } from '../../../src/session-forwarding/forward-request.js';
import { HostConnections } from '../../../src/session-forwarding/hosts/host-connections.js';
import type { Peer } from '../../../src/session-forwarding/peer.interface.js';

/** What the peer does with each request, in order. */
type Step = 'answer' | 'close';

const SILENCE = 5_000;

let connections: HostConnections;
let peerServer: Server;
let receiver: ReturnType<typeof createServer>;
let steps: Step[];
/** The bodies that the peer has received, and over how many connections. */
let bodies: string[];
let opened: Socket[];

beforeEach(async () => {
  [connections, steps, bodies, opened] = [new HostConnections(), [], [], []];
  peerServer = createTcpServer(socket => {
    opened.push(socket);
    socket.on('error', () => {});
    socket.on('data', data => {
      bodies.push(String(data).split('\r\n\r\n')[1]!);
      if (steps.shift() === 'close') {
        socket.destroy();
      } else {
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
    headers: {},
    closesIdle: true,
    request: (options: RequestOptions, isFresh: boolean) =>
      connections.request(place, options, isFresh, SILENCE),
    connect: () => {
      throw new Error('not used');
    },
    close: () => {},
    onUnreachable: () => {},
  };
  receiver = createServer((incoming, response) =>
    forwardRequest(incoming, response, peer, () => response.writeHead(400).end('gone')),
  );
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});

afterEach(() => {
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
  const [response] = await once(asked, 'response');
  return text(response as never);
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

it('a long body is streamed over a new connection', async () => {
  expect(await ask('GET')).toBe('ok');
  expect(await ask('POST', 'x'.repeat(70_000))).toBe('ok');
  expect(opened).toHaveLength(2);
});
