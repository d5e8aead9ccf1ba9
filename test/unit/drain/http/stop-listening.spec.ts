import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  letCloseIdleConnections,
  stopListening,
} from '../../../../src/drain/http/stop-listening.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

let server: Server;
let client: Socket | undefined;

beforeEach(() => {
  server = createServer({ connectionsCheckingInterval: 10 }, (_, response) =>
    response.end('hello'),
  );
  // Node closes no idle connection by itself.
  server.keepAliveTimeout = 0;
});
afterEach(() => {
  client?.destroy();
  client = undefined;
});

async function listen(): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Returns a connection that is idle after a request. */
async function idleConnection(port: number): Promise<Socket> {
  client = connect(port, '127.0.0.1');
  await ask(client);
  return client;
}

async function ask(socket: Socket): Promise<void> {
  socket.write(REQUEST);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('HTTP/1.1 200 OK');
}

describe('a server that stops listening', () => {
  it('takes no further connections, and answers on the idle ones', async () => {
    const port = await listen();
    const idle = await idleConnection(port);
    stopListening(server);
    // As Fastify does with its second server.
    server.closeIdleConnections();
    await ask(idle);
    const refused = connect(port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('ends connections whose request stalls, as before', async () => {
    client = connect(await listen(), '127.0.0.1');
    await once(client, 'connect');
    client.write('GET / HTTP/1.1\r\n');
    stopListening(server);
    server.headersTimeout = 50;
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 408 Request Timeout');
  });

  it('closes as soon as it listens if it was about to', async () => {
    stopListening(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    expect(server.listening).toBe(false);
  });

  it('can be closed by the application without an error, and calls back', async () => {
    await listen();
    stopListening(server);
    const error = await new Promise(resolve => {
      expect(server.close(resolve)).toBe(server);
    });
    expect(error).toBeUndefined();
    expect(server.close()).toBe(server);
  });

  it('closes idle connections again when it may', async () => {
    const idle = await idleConnection(await listen());
    stopListening(server);
    letCloseIdleConnections(server);
    server.closeIdleConnections();
    await once(idle, 'close');
    expect(server.listening).toBe(false);
  });
});

/** What `stopListening()` avoids: a version of Node without this needs no workaround. */
it('Node itself closes idle connections with the server', async () => {
  const idle = await idleConnection(await listen());
  server.close();
  await once(idle, 'close');
  expect(server.listening).toBe(false);
});

it('closes a server that does not extend net.Server, as on Bun', () => {
  const close = vi.fn();
  stopListening({ listening: true, close } as unknown as Server);
  expect(close).toHaveBeenCalledOnce();
});
