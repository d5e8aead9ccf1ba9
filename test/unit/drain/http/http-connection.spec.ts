import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Connection } from '../../../../src/drain/http/http-connection.js';

const PATIENCE = { idle: 6_000, stalled: 2_500 };

/** A socket that notes how it is closed. */
class FakeSocket {
  bytesRead = 0;
  bytesWritten = 0;
  writable = true;
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
class FakeResponse {
  headersSent = false;
  writableFinished = false;
  readonly headers: Record<string, string> = {};
  readonly req = { complete: true, readableFlowing: null as boolean | null, readableLength: 0 };

  constructor(readonly socket: FakeSocket) {}

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
let connection: Connection;

/** A request arrives, with some bytes. */
function begin(): FakeResponse {
  socket.bytesRead += 10;
  const response = new FakeResponse(socket);
  connection.begin(response as unknown as ServerResponse);
  return response;
}

const look = (now: number, unfinished = false): string[] => {
  connection.closeIfOver(now, PATIENCE, unfinished);
  return socket.calls;
};

beforeEach(() => {
  socket = new FakeSocket();
  connection = new Connection(socket as unknown as Socket);
});

describe('a connection during a drain', () => {
  it('is closed a second later if it has sent nothing, and as an idle one if it has', () => {
    connection.beginDraining(100);
    expect(look(1_099, true)).toEqual([]);
    expect(look(1_100, true)).toEqual(['destroy']);
    socket.calls.length = 0;
    socket.bytesRead = 1;
    expect(look(1_200)).toEqual([]);
    expect(look(7_199)).toEqual([]);
    expect(look(7_200)).toEqual(['destroy']);
  });

  it('is not closed while a response is in flight, and is idle only from then on', () => {
    const response = begin();
    connection.beginDraining(0);
    expect(look(100_000)).toEqual([]);
    response.writableFinished = true;
    expect(look(105_999)).toEqual([]);
    expect(look(106_000)).toEqual(['destroy']);
  });

  it('answers 408 to a request that stands still, and waits for one that comes in slowly', () => {
    socket.bytesRead = 5;
    connection.beginDraining(0);
    socket.bytesRead = 6;
    expect(look(2_499, true)).toEqual([]);
    expect(look(4_998, true)).toEqual([]);
    expect(look(4_999, true)).toEqual(['HTTP/1.1 408 Request Timeout', 'destroySoon']);
  });

  it('gives up on a body that the application waits for, without a word once it has answered', () => {
    const response = begin();
    Object.assign(response.req, { complete: false, readableFlowing: true });
    connection.beginDraining(0);
    expect(look(2_499)).toEqual([]);
    expect(look(2_500)).toEqual(['HTTP/1.1 408 Request Timeout', 'destroySoon']);
    socket.calls.length = 0;
    socket.writable = false;
    expect(look(2_500)).toEqual(['destroy']);
  });

  it('does not take a body that nobody reads for one that stands still', () => {
    const { req } = begin();
    req.complete = false;
    connection.beginDraining(0);
    expect(look(100_000)).toEqual([]);
  });

  it('says on its last response only that it closes', () => {
    const first = begin();
    connection.beginDraining(0);
    expect(first.headers).toEqual({ connection: 'close' });
    const second = begin();
    expect([first.headers, second.headers]).toEqual([{}, { connection: 'close' }]);
  });

  it('says nothing before the drain, nor on a response whose headers are out', () => {
    const first = begin();
    expect(first.headers).toEqual({});
    first.headersSent = true;
    connection.beginDraining(0);
    expect(first.headers).toEqual({});
    expect(connection.hasSaidClose).toBe(false);
  });
});
