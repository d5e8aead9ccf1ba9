import type { Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { beforeEach, expect, it } from 'vitest';
import type { ListeningAddress } from '../../../../src/model/host-status.interface.js';
import { handleListenRequests } from '../../../../src/supervisor/node-cluster/listen-requests.js';

let child: EventEmitter & { connected: boolean };
let asked: ListeningAddress[];
let prepared: [path: string, listen: (bound: string) => void][];
let received: unknown[];
let calls: string[];
let inherited: number | 'closed' | undefined;

/** Has the name of the listener of `node:cluster`. */
function onInternalMessage(message: unknown, handle: unknown): void {
  calls.push('cluster');
  received.push(handle === undefined ? [message] : [message, handle]);
}

beforeEach(() => {
  child = Object.assign(new EventEmitter(), { connected: true });
  asked = [];
  prepared = [];
  received = [];
  calls = [];
  inherited = undefined;
  // The listener of the channel, which is called as before, and that of `node:cluster`.
  child.on('internalMessage', () => calls.push('channel'));
  child.on('internalMessage', onInternalMessage);
  handleListenRequests({ process: child } as unknown as Worker, {
    inherited: address => {
      asked.push(address);
      return inherited;
    },
    prepare: (...request) => prepared.push(request),
  });
});

const request = (details: object): object => ({
  cmd: 'NODE_CLUSTER',
  act: 'queryServer',
  address: null,
  port: 3000,
  addressType: 4,
  ...details,
});

const unix = (address: string): object => request({ address, port: -1, addressType: -1 });

it.each([
  ['listen(port)', request({}), { address: null, port: 3000 }],
  [
    'listen(port, host)',
    request({ address: '::1', addressType: 6 }),
    { address: '::1', port: 3000 },
  ],
  ['listen(path)', unix('/run/app.sock'), { address: '/run/app.sock', port: null }],
])('replaces what the primary would open by a socket that it has: %s', (_, message, address) => {
  inherited = 3;
  child.emit('internalMessage', message, 'handle');
  expect(asked).toEqual([address]);
  expect(received).toEqual([[{ ...message, fd: 3 }, 'handle']]);
  expect(prepared).toEqual([]);
});

it('does not answer when the primary has closed that socket', () => {
  inherited = 'closed';
  expect(child.emit('internalMessage', request({}))).toBe(true);
  expect(received).toEqual([]);
});

it('lets the primary open every other socket', () => {
  const message = request({});
  child.emit('internalMessage', message);
  expect(received).toEqual([[message]]);
  expect(calls).toEqual(['channel', 'cluster']);
});

it('prepares the file of a Unix socket that the primary opens', () => {
  const message = unix('/run/app.sock');
  child.emit('internalMessage', message);
  expect(received).toEqual([]);
  expect(prepared.map(([path]) => path)).toEqual(['/run/app.sock']);
  prepared[0]![1]('/run/.app.sock.1');
  expect(received).toEqual([[{ ...message, address: '/run/.app.sock.1' }]]);
});

it.each([
  ['UDP', request({ addressType: 'udp4' })],
  ['a descriptor of the application', request({ fd: 5, port: null, addressType: null })],
  ['another message', { cmd: 'NODE_CLUSTER', act: 'listening', port: 3000, addressType: 4 }],
  ['a message of another form', request({ port: 'http' })],
  ['nothing', undefined],
])('passes on: %s', (_, message) => {
  inherited = 3;
  child.emit('internalMessage', message);
  expect(asked).toEqual([]);
  expect(received).toEqual([[message]]);
});

it('leaves a worker alone whose listener is another one', () => {
  const other = Object.assign(new EventEmitter(), { connected: true });
  const heard: unknown[] = [];
  other.on('internalMessage', message => heard.push(message));
  handleListenRequests({ process: other } as unknown as Worker, {
    inherited: () => 3,
    prepare: () => {},
  });
  const message = request({});
  other.emit('internalMessage', message);
  expect(heard).toEqual([message]);
});
