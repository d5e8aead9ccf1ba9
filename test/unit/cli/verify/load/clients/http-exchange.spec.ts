import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  exchange,
  type Outcome,
} from '../../../../../../src/cli/verify/load/clients/http-exchange.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PATIENCE = 5_000;
const closing: (() => void)[] = [];

afterEach(() => closing.splice(0).forEach(close => close()));

/** Asks a server that answers so, once or several times over one agent. */
async function asking(answer: Answer): Promise<(patience?: number) => Promise<Outcome>> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return (patience = PATIENCE) => exchange({ url, agent, patience });
}

describe('an exchange', () => {
  it('is well when the answer is complete', async () => {
    const ask = await asking((_, response) => response.end('hello'));
    expect(await ask()).toEqual({});
    expect(await ask()).toEqual({});
  });

  it('is lost when the connection ends before the answer begins, or before it is complete', async () => {
    const before = await asking(({ socket }) => socket.end());
    expect(await before()).toMatchObject({ requestFailure: { kind: 'lost', reused: false } });
    const during = await asking((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('some');
      setTimeout(() => response.destroy(), 20);
    });
    const { requestFailure } = await during();
    expect(requestFailure).toMatchObject({ kind: 'lost', reused: false });
    expect(requestFailure?.openedAt).toBeLessThanOrEqual(Date.now());
  });

  it('is reset when the connection is, and says whether that had been in use', async () => {
    let requests = 0;
    const ask = await asking(({ socket }, response) =>
      requests++ === 0 ? response.end('hello') : socket.resetAndDestroy(),
    );
    expect(await ask()).toEqual({});
    expect(await ask()).toMatchObject({
      requestFailure: { kind: 'reset', code: 'ECONNRESET', reused: true },
    });
  });

  it('does not mind a connection that was closed while nobody had asked on it', async () => {
    let connection: Socket | undefined;
    const ask = await asking(({ socket }, response) => {
      connection = socket;
      response.end('hello');
    });
    expect(await ask()).toEqual({});
    connection?.end();
    await once(connection!, 'close');
    expect(await ask()).toEqual({});
  });

  it('is refused where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const url = new URL(`http://127.0.0.1:${port}/`);
    const { requestFailure } = await exchange({ url, agent: new Agent(), patience: PATIENCE });
    expect(requestFailure).toMatchObject({ kind: 'refused', code: 'ECONNREFUSED', reused: false });
  });

  it('is hung when no answer comes in time', async () => {
    const ask = await asking(() => {});
    expect(await ask(50)).toMatchObject({ requestFailure: { kind: 'hung' } });
  });

  it.each([
    [503, '5xx'],
    [404, 'wrong'],
  ])('is no success with status %i', async (status, kind) => {
    const ask = await asking((_, response) => response.writeHead(status).end());
    expect(await ask()).toMatchObject({ requestFailure: { kind, code: `status ${status}` } });
  });
});
