import { type EventEmitter, once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, request as send, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type AnyResponse, onClosed, sendFile } from '../../../src/dashboard/responses.js';

let end: () => void = () => {};

afterEach(() => end());

async function portOf(server: Server): Promise<number> {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Resolves with the response to a request over HTTP/1.1 or HTTP/2, and a function with which its client goes. */
async function begun(version: 1 | 2): Promise<{ response: ServerResponse; leave: () => void }> {
  let begin!: (response: ServerResponse) => void;
  const response = new Promise<ServerResponse>(resolve => (begin = resolve));
  if (version === 1) {
    const server = createServer((_, answer) => begin(answer));
    const port = await portOf(server);
    end = () => {
      server.close();
      server.closeAllConnections();
    };
    const client = send({ port, host: '127.0.0.1' }).on('error', () => {});
    client.end();
    return { response: await response, leave: () => client.destroy() };
  }
  const server = createHttp2Server((_, answer) => begin(answer as unknown as ServerResponse));
  const session = connect(`http://127.0.0.1:${await portOf(server)}`).on('error', () => {});
  end = () => {
    session.destroy();
    server.close();
  };
  const client = session.request().on('error', () => {});
  return { response: await response, leave: () => client.close(8) };
}

describe.each<[string, 1 | 2]>([
  ['HTTP/1.1', 1],
  ['HTTP/2', 2],
])('the end of a response over %s', (_, version) => {
  it('is noticed when the client goes', async () => {
    const { response, leave } = await begun(version);
    const closed = new Promise<void>(resolve => onClosed(response, resolve));
    leave();
    await expect(closed).resolves.toBeUndefined();
  });

  it('is noticed when the client had gone before', async () => {
    const { response, leave } = await begun(version);
    const closed = new Promise(resolve => void response.once('close', resolve));
    leave();
    await closed;
    let isNoticed = false;
    onClosed(response, () => (isNoticed = true));
    expect(isNoticed).toBe(true);
  });
});

it('closes a file that cannot be sent, because somebody else has answered', async () => {
  const handle = await open(fileURLToPath(import.meta.url));
  const closed = once(handle as unknown as EventEmitter, 'close');
  const { response } = await begun(1);
  response.writeHead(408).end();
  const answered = Object.assign(response, {
    header: (name: string, value: string) => response.setHeader(name, value),
  }) as unknown as AnyResponse;
  const sent = sendFile(answered, { name: 'a', handle, bytes: 1 });
  await expect(sent).rejects.toThrow(/headers after they are sent/);
  await closed;
});
