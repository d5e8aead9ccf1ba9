import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { receiveConnections, sendConnection } from '../../../src/ipc/connection-message.js';

const toAddress = { to: 'address', address: { address: '127.0.0.1', port: 3000 } } as const;

let link: EventEmitter;
let delivered: unknown[];
let closed: number;
let accepts: boolean;
const handle = { close: () => closed++ };

beforeEach(() => {
  link = new EventEmitter();
  delivered = [];
  closed = 0;
  accepts = true;
  receiveConnections(link, (...connection) => {
    delivered.push(connection);
    return accepts;
  });
});

/** Sends over the link, as Node does between two processes. */
async function send(to: unknown = toAddress): Promise<void> {
  const end = {
    connected: true,
    send: (message: object, sent: object, _: object, written: () => void) => {
      link.emit('message', JSON.parse(JSON.stringify(message)), sent);
      written();
    },
  };
  await sendConnection(end, to as typeof toAddress, handle);
}

describe('a connection on its way to another worker', () => {
  it('is delivered with the address of its server', async () => {
    await send();
    expect([delivered, closed]).toEqual([[[toAddress, handle]], 0]);
  });

  it('for one worker is delivered with its text', async () => {
    const toWorker = { to: 'worker', worker: 2, text: 'GET / HTTP/1.1\r\n\r\n\u00ff' };
    await send(toWorker);
    expect([delivered, closed]).toEqual([[[toWorker, handle]], 0]);
  });

  it.each([
    { to: 'worker', worker: 0, text: '' },
    { to: 'worker', worker: 1 },
    { to: 'worker', worker: 1, text: null },
    { worker: 1, text: '' },
    { to: 'address', address: { port: 'http' } },
    toAddress.address,
  ])('is closed if its target is invalid (%j)', async target => {
    await send(target);
    expect([delivered, closed]).toEqual([[], 1]);
  });

  it('is closed if nobody takes it', async () => {
    accepts = false;
    await send();
    expect(closed).toBe(1);
  });

  it.each([null, 'text', {}, { 'nestjs-cluster': [] }])(
    'is none in a message of others (%j)',
    message => {
      link.emit('message', message, handle);
      link.emit('message', { 'nestjs-cluster/connection': toAddress }, undefined);
      expect([delivered, closed]).toEqual([[], 0]);
    },
  );

  it('is not sent on a closed channel', async () => {
    await sendConnection({ connected: false }, toAddress, handle);
    expect(delivered).toEqual([]);
  });
});
