import { once } from 'node:events';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerTCP } from '@nestjs/microservices';
import { Subject } from 'rxjs';
import { MessageDrain } from '../../../../src/drain/messages/message-drain.js';
import type { HandOver } from '../../../../src/drain/messages/tcp-connections.js';
import { eventually } from '../../../support/eventually.js';

let transport: ServerTCP;
let drain: MessageDrain;
let client: Socket;
/** The end of the server. */
let accepted: Socket;
let received: string;
/** The streams with which the handlers answer. */
let streams: Subject<string>[];
let events: unknown[];

function frame(message: object): string {
  const text = JSON.stringify(message);
  return `${text.length}#${text}`;
}

function request(id: string): string {
  return frame({ pattern: 'work', data: null, id });
}

/** The server of the transport, which is private. */
function server(): Server {
  return (transport as unknown as { server: Server }).server;
}

async function until(condition: () => boolean): Promise<void> {
  await eventually(condition, 5_000, () => String(condition));
}

function begin(handOver?: HandOver): void {
  drain.begin(() => {});
  drain.stopAccepting();
  drain.leave(Promise.resolve(handOver));
}

beforeEach(async () => {
  streams = [];
  events = [];
  received = '';
  transport = new ServerTCP({ host: '127.0.0.1', port: 0, retryAttempts: 5 });
  transport.addHandler('work', () => {
    const stream = new Subject<string>();
    streams.push(stream);
    return Promise.resolve(stream);
  });
  transport.addHandler('happened', data => Promise.resolve(void events.push(data)), true);
  drain = new MessageDrain(transport);
  await new Promise(resolve => transport.listen(resolve));
  const { port } = server().address() as AddressInfo;
  server().once('connection', (socket: Socket) => (accepted = socket));
  client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  // The taker of these tests keeps no copy, so the kernel resets a connection with unread data.
  client.on('error', () => {});
  client.setEncoding('utf8').on('data', (text: string) => (received += text));
  await once(client, 'connect');
  await until(() => drain.size === 1);
});

afterEach(() => {
  client.destroy();
  transport.close();
});

describe('a connection that no other worker can take', () => {
  it('is closed when its messages are answered', async () => {
    client.write(request('1') + request('2'));
    await until(() => streams.length === 2);
    begin();
    streams[0]!.next('first');
    streams[0]!.complete();
    await until(() => received.includes('first'));
    expect(drain.size).toBeGreaterThan(0);
    streams[1]!.next('second');
    streams[1]!.complete();
    await once(client, 'end');
    expect(received).toMatch(/first.*second/);
    client.end();
    await until(() => drain.size === 0);
    expect(server().listening).toBe(false);
  });

  it('handles events until its client has noticed, and no message that it cannot answer', async () => {
    begin();
    await once(client, 'end');
    client.end(request('late') + frame({ pattern: 'happened', data: 'late' }));
    await until(() => drain.size === 0);
    expect(events).toEqual(['late']);
    expect(streams).toEqual([]);
  });

  it('is cut if its client does not close it', async () => {
    begin();
    await once(client, 'end');
    await until(() => drain.size === 0);
  });
});

/** Keeps the connection open, as the copy of another process would. */
class Taker {
  readonly taken: object[] = [];
  #finish: ((isSent: boolean) => void) | undefined;

  readonly handOver: HandOver = handle => {
    this.taken.push(handle);
    return new Promise(resolve => (this.#finish = resolve));
  };

  finish(isSent = true): void {
    this.#finish?.(isSent);
  }
}

describe('a connection that another worker takes', () => {
  it('is handed over when its messages are answered, and reads no further ones', async () => {
    const taker = new Taker();
    const { taken, handOver } = taker;
    client.write(request('1'));
    await until(() => streams.length === 1);
    begin(handOver);
    // The drain stops reading in the next turn.
    await new Promise(resolve => setImmediate(resolve));
    client.write(request('2') + frame({ pattern: 'happened', data: 'unread' }));
    streams[0]!.next('answer');
    expect(taken).toHaveLength(0);
    streams[0]!.complete();
    await until(() => taken.length === 1);
    await until(() => received.includes('answer'));
    expect([streams.length, events]).toEqual([1, []]);
    expect(drain.size).toBeGreaterThan(0);
    taker.finish();
    await until(() => drain.size === 0);
  });

  it('is handed over between two messages', async () => {
    const { taken, handOver } = new Taker();
    const half = request('1');
    client.write(half.slice(0, 10));
    await until(() => accepted.bytesRead === 10);
    begin(handOver);
    await new Promise(resolve => setImmediate(resolve));
    expect(taken).toHaveLength(0);
    client.write(half.slice(10));
    await until(() => streams.length === 1);
    streams[0]!.complete();
    await until(() => taken.length === 1);
  });

  it('is closed like one that no other can take if it cannot be sent', async () => {
    const taker = new Taker();
    begin(taker.handOver);
    await until(() => taker.taken.length === 1);
    client.write(request('late') + frame({ pattern: 'happened', data: 'late' }));
    taker.finish(false);
    await once(client, 'end');
    await until(() => events.length === 1);
    client.end();
    await until(() => drain.size === 0);
    expect([streams, events]).toEqual([[], ['late']]);
  });
});
