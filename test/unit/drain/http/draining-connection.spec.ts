import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { DrainingConnection } from '../../../../src/drain/http/draining-connection.js';

// oxlint-disable no-underscore-dangle -- Node's own name

const PATIENCE = { idle: 6_000, stalled: 2_500 };

/** A socket that notes how it is closed. */
class FakeSocket {
  bytesRead = 0;
  bytesWritten = 0;
  writable = true;
  _httpMessage: FakeResponse | null = null;
  readonly calls: string[] = [];

  destroy(): void {
    this.calls.push('destroy');
  }

  destroySoon(): void {
    this.calls.push('destroySoon');
  }

  write(text: string): void {
    this.calls.push(text.split('\r\n')[0]!);
  }
}

/** A response to a request that has come in whole, unless it is told otherwise. */
class FakeResponse extends EventEmitter {
  headersSent = false;
  writableFinished = false;
  readonly headers: Record<string, string> = {};
  readonly req = { complete: true, readableFlowing: null as boolean | null, readableLength: 0 };

  constructor(readonly socket: FakeSocket) {
    super();
  }

  setHeader(name: string, value: string): void {
    this.headers[name.toLowerCase()] = value;
  }

  getHeader(name: string): string | undefined {
    return this.headers[name];
  }

  removeHeader(name: string): void {
    delete this.headers[name];
  }
}

let socket: FakeSocket;
let connection: DrainingConnection;
/** The responses in flight. */
let outgoing: FakeResponse[];

/** A request arrives, with some bytes. */
function arrive(): FakeResponse {
  socket.bytesRead += 10;
  const response = new FakeResponse(socket);
  outgoing.push(response);
  socket._httpMessage ??= response;
  return response;
}

/** A request arrives during the drain. */
function begin(): FakeResponse {
  const response = arrive();
  connection.begin(response as unknown as ServerResponse);
  return response;
}

/** The first response in flight was sent. */
function finish(): void {
  const response = outgoing.shift()!;
  socket._httpMessage = outgoing[0] ?? null;
  response.emit('close');
}

function beginDraining(now: number): void {
  const last = outgoing.length > 1 ? outgoing.at(-1) : undefined;
  connection = new DrainingConnection(
    socket as unknown as Socket,
    now,
    last as unknown as ServerResponse | undefined,
  );
}

const look = (now: number, unfinished = false): string[] => {
  connection.closeIfOver(now, PATIENCE, unfinished);
  return socket.calls;
};

beforeEach(() => {
  socket = new FakeSocket();
  outgoing = [];
});

describe('a connection during a drain', () => {
  it('is closed a second later if it has sent nothing, and as an idle one if it has', () => {
    beginDraining(100);
    expect(look(1_099, true)).toEqual([]);
    expect(look(1_100, true)).toEqual(['destroy']);
    socket.calls.length = 0;
    socket.bytesRead = 1;
    expect(look(1_200)).toEqual([]);
    expect(look(7_199)).toEqual([]);
    expect(look(7_200)).toEqual(['destroy']);
  });

  it('is not closed while a response is in flight, and is idle only from then on', () => {
    arrive();
    beginDraining(0);
    expect(look(100_000)).toEqual([]);
    finish();
    expect(look(105_999)).toEqual([]);
    expect(look(106_000)).toEqual(['destroy']);
  });

  it('answers 408 to a request that stands still, and waits for one that comes in slowly', () => {
    socket.bytesRead = 5;
    beginDraining(0);
    socket.bytesRead = 6;
    expect(look(2_499, true)).toEqual([]);
    expect(look(4_998, true)).toEqual([]);
    expect(look(4_999, true)).toEqual(['HTTP/1.1 408 Request Timeout', 'destroySoon']);
  });

  it('gives up on a body that the application waits for, without a word once it has answered', () => {
    const response = arrive();
    Object.assign(response.req, { complete: false, readableFlowing: true });
    beginDraining(0);
    expect(look(2_499)).toEqual([]);
    expect(look(2_500)).toEqual(['HTTP/1.1 408 Request Timeout', 'destroySoon']);
    socket.calls.length = 0;
    socket.writable = false;
    expect(look(2_500)).toEqual(['destroy']);
  });

  it('does not take a body that nobody reads for one that stands still', () => {
    const { req } = arrive();
    req.complete = false;
    beginDraining(0);
    expect(look(100_000)).toEqual([]);
  });

  it('says on its last response only that it closes', () => {
    const first = arrive();
    beginDraining(0);
    expect(first.headers).toEqual({ connection: 'close' });
    const second = begin();
    expect([first.headers, second.headers]).toEqual([{}, { connection: 'close' }]);
  });

  it('says so on the last of several responses that are in flight when the drain begins', () => {
    const responses = [arrive(), arrive(), arrive()];
    beginDraining(0);
    const said = responses.map(({ headers }) => headers['connection']);
    expect(said).toEqual([undefined, undefined, 'close']);
  });

  it('says so on a response that begins while several are in flight, and on no other', () => {
    const first = arrive();
    const second = arrive();
    beginDraining(0);
    const third = begin();
    const said = (): unknown[] =>
      [first, second, third].map(({ headers }) => headers['connection']);
    expect(said()).toEqual([undefined, undefined, 'close']);
    finish();
    finish();
    expect(said()).toEqual([undefined, undefined, 'close']);
  });

  it('says nothing on a response whose headers are out', () => {
    const response = arrive();
    response.headersSent = true;
    beginDraining(0);
    expect(response.headers).toEqual({});
    expect(connection.hasSaidClose).toBe(false);
  });
});
