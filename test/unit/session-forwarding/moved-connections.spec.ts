import cluster from 'node:cluster';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasMoved } from '../../../src/drain/http/moved-responses.js';
import { RequestWatch } from '../../../src/drain/http/request-watch.js';
import { MovedConnections } from '../../../src/session-forwarding/moved-connections.js';
import { eventually } from '../../support/eventually.js';

const target = { worker: 2, server: 'a' };
const REQUEST = 'GET /polled HTTP/1.1\r\nHost: x\r\n\r\n';
const UPGRADE =
  'GET /upgraded HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

let sent: object[];
let link: EventEmitter;
let server: Server;
let moved: MovedConnections;
let moves: boolean[];
let clients: Socket[];
let stay: (carrier: ServerResponse | Socket, body?: Buffer) => void;

beforeEach(async () => {
  [sent, moves, clients] = [[], [], []];
  stay = () => moves.push(false);
  link = Object.assign(new EventEmitter(), {
    connected: true,
    send: (message: object, handle: unknown, _: unknown, written: () => void) => {
      const [content] = Object.values(message) as unknown[];
      if (typeof content === 'object') {
        sent.push({ ...content, handle });
      }
      written();
    },
  });
  Object.assign(cluster, { worker: { process: link } });
  moved = new MovedConnections(name => (name === 'a' ? server : undefined));
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/polled') {
      moves.push(moved.move(request, response, target, body => stay(response, body)));
    } else if (request.url === '/next') {
      response.end('next');
    }
  });
  server.on('upgrade', (request, socket: Socket, head) =>
    moves.push(moved.moveUpgrade(request, socket, head, target, () => stay(socket))),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  Reflect.deleteProperty(cluster, 'worker');
  clients.forEach(opened => opened.destroy());
  server.close();
  server.closeAllConnections();
});

function messageOf(data: string): object {
  return { to: 'worker', worker: 2, text: `a\n${data}` };
}

async function client(): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const opened = connect(port, '127.0.0.1');
  clients.push(opened);
  opened.on('error', () => {});
  await once(opened, 'connect');
  return opened;
}

function count(): Promise<number> {
  return new Promise(resolve => server.getConnections((_, value) => resolve(value)));
}

type Written = (error?: Error) => void;

async function until(condition: () => boolean): Promise<void> {
  await eventually(condition, 2_000, () => String(condition));
}

async function untilMoved(): Promise<void> {
  await eventually(
    () => moves.length > 0 && (!moves[0] || sent.length > 0),
    2_000,
    () => JSON.stringify(moves),
  );
}

it.each([REQUEST, UPGRADE])('moves the connection of a request (%#)', async text => {
  (await client()).write(text);
  await untilMoved();
  expect([moves, sent]).toEqual([[true], [expect.objectContaining(messageOf(text))]]);
});

it.each([REQUEST, UPGRADE])(
  'does not move what is no connection of this process (%#)',
  async text => {
    const [near, far] = duplexPair();
    server.emit('connection', far);
    near.write(text);
    await untilMoved();
    expect([moves, sent]).toEqual([[false], []]);
  },
);

it.each([REQUEST, UPGRADE])('does not move more than 8 connections that wait (%#)', async text => {
  const waiting: (() => void)[] = [];
  Object.assign(link, {
    send: (message: object, _: unknown, __: unknown, written: () => void) => {
      sent.push(message);
      waiting.push(written);
    },
  });
  const opened = await Promise.all(Array.from({ length: 40 }, client));
  opened.forEach(each => each.write(text));
  const isDone = (): boolean => sent.length + moves.filter(isMoved => !isMoved).length === 40;
  await eventually(isDone, 2_000, () => `${sent.length} ${moves.join()}`);
  expect(sent).toHaveLength(8);
  waiting.splice(0).forEach(written => written());
  await new Promise(setImmediate);
  (await client()).write(text);
  await eventually(
    () => sent.length === 9,
    2_000,
    () => moves.join(),
  );
});

const BODY = 'POST /polled HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody';

describe.each([
  ['the system refuses to send it', (written: Written) => written(new Error('write EBADF'))],
  ['the channel closes while it waits', () => setImmediate(() => link.emit('disconnect'))],
])('a connection stays if %s', (_, fail) => {
  beforeEach(() => {
    Object.assign(link, {
      send: (_message: object, _handle: unknown, _options: unknown, written: Written) =>
        fail(written),
    });
  });

  it.each([REQUEST, BODY])(
    'after a request, which is answered, and the next one (%#)',
    async text => {
      const watch = new RequestWatch();
      const responses: object[] = [];
      watch.attach(server, (_request, response) => responses.push(response));
      stay = (response, body) => response.end(`stays ${String(body)}.`);
      const opened = await client();
      let received = '';
      opened.on('data', data => (received += String(data)));
      opened.write(text);
      await until(() => received.endsWith(text === BODY ? 'stays body.' : 'stays .'));
      opened.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => received.endsWith('next'));
      expect([watch.requests, responses.filter(hasMoved)]).toEqual([2, []]);
    },
  );

  it('after an upgrade', async () => {
    stay = socket => void (socket as Socket).pipe(socket as Socket);
    const opened = await client();
    let received = '';
    opened.on('data', data => (received += String(data)));
    opened.write(UPGRADE);
    await until(() => moves.length === 1);
    opened.write('frame');
    await until(() => received === 'frame');
  });

  it('unless its client is gone', async () => {
    let answers = 0;
    stay = () => answers++;
    server.on('request', ({ socket }: IncomingMessage) =>
      Object.assign(link, {
        send: (_message: object, _handle: unknown, _options: unknown, written: Written) => {
          socket.destroy();
          fail(written);
        },
      }),
    );
    const opened = await client();
    opened.write(REQUEST);
    await once(opened, 'close');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(answers).toBe(0);
  });
});

it('announces that this worker receives connections', () => {
  const announced: unknown[] = [];
  Object.assign(link, { send: (message: object) => announced.push(message) });
  moved = new MovedConnections(() => undefined);
  expect(announced).toEqual([{ 'nestjs-cluster/connection': 'ready' }]);
});

it.each([
  ['moves', 1, REQUEST],
  ['stays', 2, `${REQUEST}GET /last`],
])('a request that %s is counted where it is handled', async (_, requests, text) => {
  const counts: number[] = [];
  const watch = new RequestWatch();
  watch.attach(server, () => {});
  server.on('request', () => counts.push(watch.requests));
  const opened = await client();
  opened.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(
    () => counts.length === 1,
    2_000,
    () => 'No request.',
  );
  (await client()).write(text);
  await eventually(
    () => sent.length + moves.length === 2,
    2_000,
    () => JSON.stringify(moves),
  );
  expect([watch.requests, counts]).toEqual([requests, [1, 1]]);
});

it('does not move an upgrade behind a request that is not answered', async () => {
  (await client()).write(`GET / HTTP/1.1\r\nHost: x\r\n\r\n${UPGRADE}`);
  await untilMoved();
  expect([moves, sent]).toEqual([[false], []]);
});

it.each(['', 'a', 'b\nGET / HTTP/1.1\r\n'])(
  'closes a connection that arrives for an unknown server (%j)',
  text => {
    let closed = 0;
    const handle = { close: () => closed++ };
    const connection = { to: 'worker', worker: 2, text };
    link.emit('message', { 'nestjs-cluster/connection': connection }, handle);
    link.emit('message', { 'nestjs-cluster/connection': { to: 'address', address: {} } }, handle);
    expect(closed).toBe(2);
  },
);

it('has the server count a connection that arrives', async () => {
  const relay = createServer();
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  relay.removeAllListeners('connection');
  const opened = connect((relay.address() as AddressInfo).port, '127.0.0.1');
  clients.push(opened);
  const [{ _handle: handle }] = (await once(relay, 'connection')) as [{ _handle: object }];
  link.emit('message', { 'nestjs-cluster/connection': messageOf('GET / HTTP/1.1\r\n') }, handle);
  expect(await count()).toBe(1);
  opened.destroy();
  await eventually(
    async () => (await count()) === 0,
    2_000,
    () => 'It is still counted.',
  );
  relay.close();
});
