import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import session from 'express-session';
import { endEventStream } from '../../../../src/drain/http/event-stream.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Opens an event stream behind a middleware; resolves when the client has its first message. */
async function openStream(middleware: Middleware, type = 'text/event-stream') {
  let response!: ServerResponse;
  const listening = (server = createServer((request, answer) => {
    middleware(request, answer, () => {
      response = answer;
      answer.writeHead(200, { 'content-type': type });
      answer.write('data: 1\n\n');
    });
  }));
  await new Promise<void>(resolve => void listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const { body } = await fetch(`http://127.0.0.1:${port}/`);
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  return { response, first: first.value, reader };
}

const untouched: Middleware = (_request, _response, next) => next();

/** As some middleware replaces `end()`: it sends something before the end, and later. */
const replacesEnd: Middleware = (_request, response, next) => {
  const end = ServerResponse.prototype.end.bind(response);
  response.end = ((chunk?: string | Buffer) => {
    setImmediate(() => end(chunk === undefined ? '' : Buffer.from(chunk as string)));
    return response;
  }) as typeof response.end;
  next();
};

it.each<[string, Middleware]>([
  ['no middleware', untouched],
  [
    'express-session',
    session({ secret: 'secret', resave: true, saveUninitialized: true }) as unknown as Middleware,
  ],
  ['a middleware that replaces end()', replacesEnd],
])(
  'ends a stream behind %s, with its connection, and drops what is written later',
  async (_, middleware) => {
    const { response, first, reader } = await openStream(middleware);
    expect(first).toBe('data: 1\n\n');
    const closed = new Promise<void>(resolve => response.req.socket.once('close', () => resolve()));
    endEventStream(response);
    endEventStream(response);
    expect(response.write('data: 2\n\n')).toBe(true);
    expect(response.end()).toBe(response);
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await closed;
  },
);

it('leaves other responses alone', async () => {
  const { response } = await openStream(untouched, 'text/plain');
  endEventStream(response);
  expect(response.writableEnded).toBe(false);
});
