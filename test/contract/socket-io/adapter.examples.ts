/*
 * The cases of the tests of Socket.IO for adapters, rewritten for Vitest and for a bus that is not synchronous:
 * https://github.com/socketio/socket.io/blob/main/packages/socket.io-adapter/test/cluster-adapter.ts
 *
 * (The MIT License)
 *
 * Copyright (c) 2014-present Guillermo Rauch and Socket.IO contributors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
 * documentation files (the 'Software'), to deal in the Software without restriction, including without limitation the
 * rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
 * permit persons to whom the Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
 * Software.
 *
 * THE SOFTWARE IS PROVIDED 'AS IS', WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
 * WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
 * COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
 * OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { Socket } from 'socket.io-client';
import type { IoNode } from '../../support/socket-io/io-node.js';
import { eventually } from '../../support/eventually.js';

/** Three servers with a client each. */
export type Nodes = readonly [IoNode, IoNode, IoNode];

type Answer = (value: unknown) => void;

/** The arguments of the next event of this name. */
function heard(socket: Socket, event = 'test'): Promise<unknown[]> {
  return once(socket as never, event);
}

/** Records the events of this name. */
function recorded(socket: Socket, event = 'test'): unknown[][] {
  const calls: unknown[][] = [];
  socket.on(event, (...args: unknown[]) => calls.push(args));
  return calls;
}

/** Resolves when everything that the server has sent before has arrived at all clients. */
async function settled(nodes: Nodes): Promise<void> {
  const arrived = nodes.map(({ client }) => heard(client, 'settled'));
  nodes[0].server.emit('settled');
  await Promise.all(arrived);
}

function rooms(nodes: Nodes, room: string): boolean[] {
  return nodes.map(({ socket }) => socket.rooms.has(room));
}

async function areIn(nodes: Nodes, room: string, expected: readonly boolean[]): Promise<void> {
  await eventually(
    () => rooms(nodes, room).every((isIn, index) => isIn === expected[index]),
    2_000,
    () => `${room}: ${rooms(nodes, room).join()}`,
  );
}

function requestsOf({ adapter }: IoNode): { size: number }[] {
  const { requests, customRequests, ackRequests } = adapter as unknown as Record<
    string,
    Map<string, unknown>
  >;
  return [requests!, customRequests!, ackRequests!];
}

/** Registers the cases. */
export function describeAdapters(nodes: () => Nodes): void {
  it('broadcasts to all clients', async () => {
    const all = nodes();
    const received = all.map(({ client }) => heard(client));
    all[0].server.emit('test', 1, '2', Buffer.from([3, 4]));
    for (const args of await Promise.all(received)) {
      expect(args).toEqual([1, '2', Buffer.from([3, 4])]);
    }
  });

  it('broadcasts values that JSON does not have as in a single process', async () => {
    const all = nodes();
    const received = all.map(({ client }) => heard(client));
    const values = [
      undefined,
      NaN,
      new Map([[1, 2]]),
      new Error('x'),
      { list: [undefined, () => 1] },
    ];
    all[0].server.emit('test', ...values, Buffer.from([1]));
    for (const args of await Promise.all(received)) {
      expect(args).toEqual([null, null, {}, {}, { list: [null, null] }, Buffer.from([1])]);
    }
    all[1].socket.data = { seats: new Set([1]), score: NaN };
    const [socket] = await all[0].server.in(all[1].socket.id).fetchSockets();
    expect(socket!.data).toEqual({ seats: {}, score: null });
  });

  it('tells the caller of a value that Socket.IO cannot send, and sends it to nobody', async () => {
    const all = nodes();
    const calls = all.map(({ client }) => recorded(client));
    expect(() => all[0].server.emit('test', 1n)).toThrow('BigInt');
    await settled(all);
    expect(calls).toEqual([[], [], []]);
  });

  it('broadcasts to all clients in a namespace', async () => {
    const all = nodes();
    all.forEach(({ server }) => server.of('/custom'));
    const sockets = all.map(({ client }) => client.io.socket('/custom'));
    await Promise.all(sockets.map(socket => heard(socket, 'connect')));
    const received = sockets.map(socket => heard(socket));
    all[0].server.of('/custom').emit('test');
    await Promise.all(received);
    sockets.forEach(socket => socket.disconnect());
  });

  it('broadcasts to all clients in a room', async () => {
    const all = nodes();
    await all[1].socket.join('room1');
    const calls = all.map(({ client }) => recorded(client));
    all[0].server.to('room1').emit('test');
    await settled(all);
    expect(calls.map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it('broadcasts to all clients except in room', async () => {
    const all = nodes();
    await all[1].socket.join('room1');
    const calls = all.map(({ client }) => recorded(client));
    all[0].server.of('/').except('room1').emit('test');
    await settled(all);
    expect(calls.map(({ length }) => length)).toEqual([1, 0, 1]);
  });

  it('broadcasts to local clients only', async () => {
    const all = nodes();
    const calls = all.map(({ client }) => recorded(client));
    all[0].server.local.emit('test');
    await settled(all);
    expect(calls.map(({ length }) => length)).toEqual([1, 0, 0]);
  });

  it('broadcasts to local clients even if the message is not published', async () => {
    const [{ adapter, client, server }] = nodes();
    const broken = adapter as unknown as { doPublish?: () => Promise<string> };
    broken.doPublish = () => Promise.reject(new Error('publish failed'));
    const received = heard(client);
    server.emit('test', 1);
    expect(await received).toEqual([1]);
    delete broken.doPublish;
  });

  it('broadcasts with multiple acknowledgements', async () => {
    const all = nodes();
    all.forEach(({ client }, index) => client.on('test', (answer: Answer) => answer(index + 1)));
    const responses = (await all[0].server.timeout(1_000).emitWithAck('test')) as number[];
    expect(new Set(responses)).toEqual(new Set([1, 2, 3]));
    await eventually(
      () => requestsOf(all[0]).every(({ size }) => size === 0),
      10_000,
      () => 'requests are left',
    );
  });

  it('broadcasts with multiple acknowledgements (binary content)', async () => {
    const all = nodes();
    all.forEach(({ client }, index) =>
      client.on('test', (answer: Answer) => answer(Buffer.from([index]))),
    );
    const responses = (await all[0].server.timeout(1_000).emitWithAck('test')) as Buffer[];
    expect(new Set(responses.map(response => response.toString('hex')))).toEqual(
      new Set(['00', '01', '02']),
    );
  });

  it('broadcasts with multiple acknowledgements (no client)', async () => {
    const [{ server }] = nodes();
    expect(await server.to('abc').timeout(1_000).emitWithAck('test')).toEqual([]);
  });

  it('broadcasts with multiple acknowledgements (timeout)', async () => {
    const all = nodes();
    all[0].client.on('test', (answer: Answer) => answer(1));
    all[1].client.on('test', (answer: Answer) => answer(2));
    const failed = all[0].server.timeout(800).emitWithAck('test');
    const error = (await failed.catch((thrown: unknown) => thrown)) as { responses: number[] };
    expect(error).toBeInstanceOf(Error);
    expect(new Set(error.responses)).toEqual(new Set([1, 2]));
  });

  it('broadcasts with a single acknowledgement (local)', async () => {
    const all = nodes();
    const calls = [all[0], all[2]].map(({ client }) => recorded(client));
    all[1].client.on('test', (answer: Answer) => answer(2));
    expect(await all[1].socket.emitWithAck('test')).toBe(2);
    expect(calls).toEqual([[], []]);
  });

  it('broadcasts with a single acknowledgement (remote)', async () => {
    const all = nodes();
    const calls = [all[0], all[2]].map(({ client }) => recorded(client));
    all[1].client.on('test', (answer: Answer) => answer(2));
    const sockets = await all[0].server.in(all[1].socket.id).fetchSockets();
    expect(sockets).toHaveLength(1);
    expect(await sockets[0]!.timeout(1_000).emitWithAck('test')).toBe(2);
    expect(calls).toEqual([[], []]);
  });

  it('makes all socket instances join the specified room', async () => {
    const all = nodes();
    all[0].server.socketsJoin('room1');
    await areIn(all, 'room1', [true, true, true]);
  });

  it('makes the matching socket instances join the specified room', async () => {
    const all = nodes();
    await all[0].socket.join('room1');
    await all[2].socket.join('room1');
    all[0].server.in('room1').socketsJoin('room2');
    await areIn(all, 'room2', [true, false, true]);
  });

  it('makes the given socket instance join the specified room', async () => {
    const all = nodes();
    all[0].server.in(all[1].socket.id).socketsJoin('room3');
    await areIn(all, 'room3', [false, true, false]);
  });

  it('makes all socket instances leave the specified room', async () => {
    const all = nodes();
    await all[0].socket.join('room1');
    await all[2].socket.join('room1');
    all[0].server.socketsLeave('room1');
    await areIn(all, 'room1', [false, false, false]);
  });

  it('makes the matching socket instances leave the specified room', async () => {
    const all = nodes();
    await all[0].socket.join(['room1', 'room2']);
    await all[1].socket.join(['room1', 'room2']);
    await all[2].socket.join(['room2']);
    all[0].server.in('room1').socketsLeave('room2');
    await areIn(all, 'room2', [false, false, true]);
  });

  it('makes the given socket instance leave the specified room', async () => {
    const all = nodes();
    await Promise.all(all.map(async ({ socket }) => socket.join('room3')));
    all[0].server.in(all[1].socket.id).socketsLeave('room3');
    await areIn(all, 'room3', [true, false, true]);
  });

  it('makes all socket instances disconnect', async () => {
    const all = nodes();
    const reasons = all.map(({ client }) => heard(client, 'disconnect'));
    all[0].server.disconnectSockets(true);
    for (const [reason] of await Promise.all(reasons)) {
      expect(reason).toBe('io server disconnect');
    }
  });

  it('sends a packet before all socket instances disconnect', async () => {
    const all = nodes();
    const seen = all.map(({ client }) => {
      const events: string[] = [];
      client.on('bye', () => events.push('bye'));
      client.on('disconnect', () => events.push('disconnect'));
      return { events, over: heard(client, 'disconnect') };
    });
    all[0].server.emit('bye');
    all[0].server.disconnectSockets(true);
    await Promise.all(seen.map(({ over }) => over));
    expect(seen.map(({ events }) => events)).toEqual(seen.map(() => ['bye', 'disconnect']));
  });

  it('returns all socket instances', async () => {
    const all = nodes();
    expect(await all[0].server.fetchSockets()).toHaveLength(3);
    expect(requestsOf(all[0]).map(({ size }) => size)).toEqual([0, 0, 0]);
  });

  it('returns a single socket instance', async () => {
    const all = nodes();
    all[1].socket.data = 'test';
    const [remote] = await all[0].server.in(all[1].socket.id).fetchSockets();
    expect(remote!.handshake).toEqual(JSON.parse(JSON.stringify(all[1].socket.handshake)));
    expect(remote!.data).toBe('test');
    expect(remote!.rooms.size).toBe(1);
  });

  it('returns only local socket instances', async () => {
    expect(await nodes()[0].server.local.fetchSockets()).toHaveLength(1);
  });

  it('sends an event to other server instances', async () => {
    const all = nodes();
    const own: unknown[] = [];
    all[0].server.on('hello', (...args: unknown[]) => own.push(args));
    const received = [all[1], all[2]].map(({ server }) => once(server as never, 'hello'));
    all[0].server.serverSideEmit('hello', 'world', 1, '2');
    expect(await Promise.all(received)).toEqual([
      ['world', 1, '2'],
      ['world', 1, '2'],
    ]);
    expect(own).toEqual([]);
  });

  it('sends an event and receives a response from the other server instances', async () => {
    const all = nodes();
    all[1].server.on('hello', (answer: Answer) => answer(2));
    all[2].server.on('hello', (answer: Answer) => answer('3'));
    const responses = (await all[0].server.serverSideEmitWithAck('hello')) as unknown[];
    expect(new Set(responses)).toEqual(new Set([2, '3']));
  });

  it('sends an event but times out if one server does not respond', async () => {
    const all = nodes();
    all[1].server.on('hello', (answer: Answer) => answer(2));
    const failed = all[0].server.serverSideEmitWithAck('hello');
    const error = (await failed.catch((thrown: unknown) => thrown)) as Error & {
      responses: unknown[];
    };
    expect(error.message).toBe('timeout reached: missing 1 responses');
    expect(error.responses).toEqual([2]);
  });

  it('succeeds even if an instance leaves the cluster', async () => {
    const all = nodes();
    all[1].server.on('hello', (answer: Answer) => answer(2));
    all[2].server.on('hello', () => all[2].adapter.close());
    expect(await all[0].server.serverSideEmitWithAck('hello')).toEqual([2]);
  });

  it('does not wait for an instance whose worker has exited, whose last messages arrive late', async () => {
    const all = nodes();
    all[1].server.on('hello', (answer: Answer) => answer(2));
    // The third one does not answer, as if it had been killed.
    all[0].link.onWorkerExited(3);
    all[2].server.serverSideEmit('late');
    expect(await all[0].server.serverSideEmitWithAck('hello')).toEqual([2]);
  });
}
