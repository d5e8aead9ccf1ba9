import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  announceReady,
  hasRoom,
  isReady,
  receiveConnections,
  sendConnection,
} from '../../../src/ipc/connection-message.js';

const toAddress = { to: 'address', address: { address: '127.0.0.1', port: 3000 } } as const;

let link: EventEmitter & { readonly connected: boolean };
let delivered: unknown[];
let closed: number;
let accepts: boolean;
const handle = { close: () => closed++ };

beforeEach(() => {
  link = Object.assign(new EventEmitter(), { connected: true });
  delivered = [];
  closed = 0;
  accepts = true;
  receiveConnections(link, (...connection) => {
    delivered.push(connection);
    return accepts;
  });
});

type Written = (error: Error | null) => void;

/** The end that sends. */
function sender(sends: (message: object, sent: unknown, _: object, written: Written) => void) {
  return Object.assign(new EventEmitter(), { connected: true, send: sends });
}

/** Delivers as Node does between two processes. */
function end() {
  return sender((message, sent, _, written) => {
    link.emit('message', JSON.parse(JSON.stringify(message)), sent);
    written(null);
  });
}

function send(to: unknown = toAddress): Promise<boolean> {
  return sendConnection(end(), to as typeof toAddress, handle);
}

describe('a connection on its way to another worker', () => {
  it('is delivered with the address of its server', async () => {
    expect(await send()).toBe(true);
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
    const closedEnd = Object.assign(end(), { connected: false });
    expect([await sendConnection(closedEnd, toAddress, handle), delivered]).toEqual([false, []]);
  });

  it.each([
    [
      'the system refuses it',
      sender((_, __, ___, written) => written(new Error('write ETOOMANYREFS'))),
    ],
    [
      'Node cannot send it',
      sender(() => {
        throw new TypeError('This handle type cannot be sent');
      }),
    ],
  ])('is not sent if %s', async (_, failing) => {
    expect(await sendConnection(failing, toAddress, handle)).toBe(false);
    expect([hasRoom(failing), closed]).toEqual([true, 0]);
  });

  it('is not sent if the channel closes while it waits', async () => {
    const waiting = sender(() => {});
    const results = Array.from({ length: 20 }, () => sendConnection(waiting, toAddress, handle));
    expect([hasRoom(waiting), waiting.listenerCount('disconnect')]).toEqual([false, 1]);
    waiting.emit('disconnect');
    expect(new Set(await Promise.all(results))).toEqual(new Set([false]));
    expect(hasRoom(waiting)).toBe(true);
  });
});

it('an end is ready when it has announced itself', () => {
  expect(isReady(link)).toBe(false);
  announceReady(end());
  expect([isReady(link), delivered]).toEqual([true, []]);
});
