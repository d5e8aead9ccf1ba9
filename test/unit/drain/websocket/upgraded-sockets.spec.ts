import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UpgradedSockets } from '../../../../src/drain/websocket/upgraded-sockets.js';
import { block } from '../../../fixtures/apps/block.js';

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  '',
  '',
].join('\r\n');

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';

let server: Server;
let sockets: UpgradedSockets;
let client: Socket;

beforeEach(async () => {
  server = createServer();
  sockets = new UpgradedSockets(() => {});
  sockets.attach(server, () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  client.destroy();
  server.close();
});

describe('an upgraded socket that is told to close', () => {
  it('is not cut before the answer of its client was read: the process was blocked', async () => {
    const accepted = new Promise<Socket>(resolve => {
      server.on('upgrade', (_request, socket: Socket) => {
        socket.write(SWITCHING);
        resolve(socket);
      });
    });
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.write(UPGRADE);
    const [socket] = await Promise.all([accepted, once(client, 'data')]);
    const heard: string[] = [];
    socket.on('data', (data: Buffer) => heard.push(data.toString()));

    sockets.disconnects(() => {}).forEach(leave => leave());
    await once(client, 'data');
    client.write('closing');
    block(1_200);

    await once(socket, 'close');
    expect(heard).toEqual(['closing']);
  });
});
