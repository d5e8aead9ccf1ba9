import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { IncomingMessage } from 'node:http';
import { heard, IoStage } from '../../support/socket-io/io-stage.js';
import type { ServerHost } from '../../support/socket-io/server-host.js';

/** The answer to a client that breaks the protocol: its poll ends, and the session is closed. */
const CLOSED = '6\u001e1';

/** The beginning and the end of sessions. */
export function describeSessions(host: () => ServerHost): void {
  let stage: IoStage;

  afterEach(async () => {
    await stage.close();
  });

  it.each([
    ['the default transports', undefined],
    ['long polling', ['polling']],
    ['WebSockets', ['websocket']],
  ])('connects, answers and disconnects a client with %s', async (_, transports) => {
    stage = await IoStage.open(host());
    const requests: boolean[] = [];
    stage.server.engine.use((request: IncomingMessage, _response: unknown, next: () => void) => {
      // A connection to a private socket has no port.
      requests.push(request.socket.localPort === undefined);
      next();
    });
    const { client, socket } = await stage.connect('/', transports ? { transports } : {});
    const { engine } = client.io;
    if (!transports && engine.transport.name !== 'websocket') {
      await once(engine as never, 'upgrade');
    }
    socket.on('double', (value: number, answer: (value: number) => void) => answer(2 * value));
    expect(await client.timeout(5_000).emitWithAck('double', 21)).toBe(42);
    // Only the request that begins a session has no session.
    expect(requests.filter(isForwarded => !isForwarded).length).toBe(1);
    expect(requests.length > 1).toBe(transports?.[0] !== 'websocket');
    const reason = heard(socket, 'disconnect');
    client.disconnect();
    expect(await reason).toEqual(['client namespace disconnect', undefined]);
    expect(stage.server.of('/').sockets.size).toBe(0);
  });

  it('disconnects a client', async () => {
    stage = await IoStage.open(host());
    const { client, socket } = await stage.connect();
    const reason = heard(client, 'disconnect');
    socket.disconnect(true);
    expect((await reason)[0]).toBe('io server disconnect');
  });

  it('disconnects all clients when it is closed, and leaves its port', async () => {
    stage = await IoStage.open(host());
    const { port } = stage;
    const clients = await Promise.all([
      stage.connect('/', { transports: ['polling'] }),
      stage.connect('/', { transports: ['websocket'] }),
    ]);
    const reasons = clients.map(({ client }) => heard(client, 'disconnect'));
    await stage.server.close();
    const [[polling], [webSocket]] = (await Promise.all(reasons)) as [[string], [string]];
    expect(webSocket).toBe('transport close');
    // The end may catch a client between two polls, as without this package.
    expect(['transport close', 'transport error']).toContain(polling);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    stage = await IoStage.open(host());
  });

  it('adds headers to the first answer and to all answers', async () => {
    stage = await IoStage.open(host(), { cookie: { name: 'io', path: '/', sameSite: 'lax' } });
    const { engine } = stage.server;
    engine.on('initial_headers', (headers: Record<string, string>) => {
      headers['x-first'] = 'yes';
    });
    engine.on('headers', (headers: Record<string, string>) => {
      headers['x-each'] = 'yes';
    });
    const url = `http://127.0.0.1:${stage.port}/socket.io/?EIO=4&transport=polling`;
    const first = await fetch(url);
    const { sid } = JSON.parse((await first.text()).slice(1)) as { readonly sid: string };
    const second = await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '1' });
    expect(first.headers.get('set-cookie')).toBe(`io=${sid}; Path=/; HttpOnly; SameSite=Lax`);
    expect(['x-first', 'x-each'].map(name => first.headers.get(name))).toEqual(['yes', 'yes']);
    expect(['x-first', 'x-each'].map(name => second.headers.get(name))).toEqual([null, 'yes']);
  });

  it('serves the client', async () => {
    stage = await IoStage.open(host());
    const response = await fetch(`http://127.0.0.1:${stage.port}/socket.io/socket.io.min.js`);
    expect(response.headers.get('content-type')).toMatch('application/javascript');
    expect(await response.text()).toMatch('Socket.IO v4');
  });

  it('tells a request that allowRequest() refuses', async () => {
    stage = await IoStage.open(host(), { allowRequest: (_, decide) => decide('no', false) });
    const client = stage.client();
    expect(((await heard(client, 'connect_error'))[0] as Error).message).toBe('xhr poll error');
  });

  it.each([
    ['connects twice', ['40', '40'], true],
    ['sends an event before it connects', ['42["hello"]'], false],
    ['sends a packet that is none', ['40', '4x'], true],
  ])('closes the session of a client that %s', async (_, packets, connects) => {
    stage = await IoStage.open(host());
    const polling = await stage.poll();
    for (const packet of packets) {
      expect(await polling.send(packet)).toBe('ok');
    }
    if (connects) {
      expect(await polling.poll()).toMatch(/^40\{/);
    }
    expect(await polling.poll()).toBe(CLOSED);
    expect(await polling.poll()).toBe('{"code":1,"message":"Session ID unknown"}');
  });

  it('talks to a client of Socket.IO 2, if it may connect', async () => {
    stage = await IoStage.open(host(), { allowEIO3: true });
    stage.server.on('connection', socket => socket.emit('hello', socket.conn.protocol));
    const polling = await stage.poll(3);
    expect(polling.opened).toMatch('"upgrades":["websocket"]');
    const packets = `${polling.opened}${polling.opened.includes('42[') ? '' : await polling.poll()}`;
    expect(packets).toMatch('42["hello",3]');
  });

  describe('with connection state recovery', () => {
    it('restores rooms and data, and sends what was missed', async () => {
      stage = await IoStage.open(host(), { connectionStateRecovery: {} });
      stage.server.on('connection', async socket => {
        if (!socket.recovered) {
          await socket.join('room');
          Object.assign(socket.data, { name: 'Ada' });
        }
      });
      const first = await stage.poll();
      const connection = once(stage.server as never, 'connection');
      await first.send('40');
      await connection;
      stage.server.emit('hello');
      const packets = await first.until('42["hello"');
      const { sid, pid } = JSON.parse(packets[0]!.slice(2)) as Record<string, string>;
      const [, offset] = JSON.parse(packets[1]!.slice(2)) as string[];
      const gone = new Promise(resolve =>
        stage.server.of('/').sockets.get(sid!)!.on('disconnect', resolve),
      );
      await first.send('1');
      await gone;
      stage.server.to('room').emit('missed', 1);
      stage.server.to('elsewhere').emit('missed', 2);
      stage.server.emit('missed', 3);
      const second = await stage.poll();
      const restored = once(stage.server as never, 'connection');
      await second.send(`40${JSON.stringify({ pid, offset })}`);
      const [socket] = (await restored) as [
        { recovered: boolean; id: string; rooms: Set<string>; data: object },
      ];
      expect([socket.recovered, socket.id, socket.rooms.has('room'), socket.data]).toEqual([
        true,
        sid,
        true,
        { name: 'Ada' },
      ]);
      const received = await second.until('42["missed",3');
      expect(received.map(packet => packet.replace(/,"[^"]*"\]$/, ']'))).toEqual([
        `40${JSON.stringify({ sid, pid })}`,
        '42["missed",1]',
        '42["missed",3]',
      ]);
    });

    it('begins a new session if it does not know the old one', async () => {
      stage = await IoStage.open(host(), { connectionStateRecovery: {} });
      const polling = await stage.poll();
      await polling.send('40{"pid":"made-up","offset":"1-1"}');
      const [connected] = await polling.until('40');
      const { sid, pid } = JSON.parse(connected!.slice(2)) as Record<string, string>;
      expect([sid, pid].map(id => typeof id)).toEqual(['string', 'string']);
      expect(pid).not.toBe('made-up');
    });
  });
}
