import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { forwardUpgrade } from '../../../src/session-forwarding/forward-upgrade.js';
import type { Peer } from '../../../src/session-forwarding/peer.interface.js';
import { eventually } from '../../support/eventually.js';

it('a client that does not read what an owner has sent before its end is disconnected after a time', async () => {
  const owner = createTcpServer(socket => {
    socket.on('error', () => {});
    socket.end(Buffer.alloc(20_000_000));
  });
  const receiver = createServer();
  owner.listen(0, '127.0.0.1');
  receiver.listen(0, '127.0.0.1');
  await Promise.all([once(owner, 'listening'), once(receiver, 'listening')]);
  const { port } = owner.address() as AddressInfo;
  let forwarded!: Socket;
  const peer = {
    closesIdle: false,
    headersExpire: false,
    createHeaders: () => ({}),
    connect: (onConnected: () => void) => (forwarded = connect(port, '127.0.0.1', onConnected)),
  } as unknown as Peer;
  const client = connect((receiver.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [request, socket] = (await once(receiver, 'upgrade')) as [IncomingMessage, Socket];
  forwardUpgrade(request, socket, Buffer.alloc(0), peer, () => {});
  await eventually(
    () => socket.writableNeedDrain,
    2_000,
    () => 'Everything was read.',
  );
  forwarded.destroy();
  await once(forwarded, 'close');
  expect([socket.destroyed, socket.timeout]).toEqual([false, 30_000]);
  socket.emit('timeout');
  expect(socket.destroyed).toBe(true);
  client.destroy();
  owner.close();
  receiver.close();
});
