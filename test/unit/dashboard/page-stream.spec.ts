import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { eventText, ResponseStream } from '../../../src/dashboard/streams/page-stream.js';

let server: Server | undefined;
let client: Socket | undefined;

afterEach(() => {
  client?.destroy();
  server?.closeAllConnections();
  server?.close();
});

/** Opens a stream to a client that reads nothing. */
async function openUnread(): Promise<ResponseStream> {
  let opened!: (stream: ResponseStream) => void;
  const stream = new Promise<ResponseStream>(resolve => (opened = resolve));
  const listening = (server = createServer((_, response) => {
    opened(new ResponseStream(response.writeHead(200, { 'content-type': 'text/event-stream' })));
  }));
  await new Promise<void>(resolve => void listening.listen(0, '127.0.0.1', resolve));
  client = connect((listening.address() as AddressInfo).port, '127.0.0.1').pause();
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return stream;
}

it('ends a stream whose client does not read, before much is kept for it', async () => {
  const stream = await openUnread();
  const ending = new AbortController();
  stream.onClosed(() => ending.abort());
  const text = eventText('update', JSON.stringify('a'.repeat(2 ** 20)));
  let sent = 0;
  while (!ending.signal.aborted && sent < 100) {
    stream.send(text);
    sent++;
    await new Promise(resolve => void setImmediate(resolve));
  }
  expect(sent).toBeLessThan(30);
  stream.send(text);
  stream.end();
});
