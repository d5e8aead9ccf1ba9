import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { receiveConnections, sendConnection } from '../../../src/ipc/connection-message.js';

const address = { address: '127.0.0.1', port: 3000 };

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
async function send(to: unknown = address): Promise<void> {
  const end = {
    connected: true,
    send: (message: object, sent: object, _: object, written: () => void) => {
      link.emit('message', JSON.parse(JSON.stringify(message)), sent);
      written();
    },
  };
  await sendConnection(end, to as typeof address, handle);
}

describe('a connection on its way to another worker', () => {
  it('is delivered with the address of its server', async () => {
    await send();
    expect([delivered, closed]).toEqual([[[address, handle]], 0]);
  });

  it('is delivered with what was read of it', async () => {
    const owner = { worker: 2, server: '0/socket.io', data: 'GET / HTTP/1.1\r\n\r\n\u00ff' };
    await send(owner);
    expect([delivered, closed]).toEqual([[[owner, handle]], 0]);
  });

  it.each([
    { worker: 0, server: '', data: '' },
    { worker: 1, server: '' },
    { worker: 1, server: null, data: '' },
  ])('is closed if its owner is invalid (%j)', async owner => {
    await send(owner);
    expect([delivered, closed]).toEqual([[], 1]);
  });

  it('is closed if nobody takes it', async () => {
    accepts = false;
    await send();
    expect(closed).toBe(1);
  });

  it('is closed if its address is invalid', async () => {
    await send({ port: 'http' });
    expect([delivered, closed]).toEqual([[], 1]);
  });

  it.each([null, 'text', {}, { 'nestjs-cluster': [] }])(
    'is none in a message of others (%j)',
    message => {
      link.emit('message', message, handle);
      link.emit('message', { 'nestjs-cluster/connection': address }, undefined);
      expect([delivered, closed]).toEqual([[], 0]);
    },
  );

  it('is not sent on a closed channel', async () => {
    await sendConnection({ connected: false }, address, handle);
    expect(delivered).toEqual([]);
  });
});
