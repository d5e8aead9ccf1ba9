import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { heard, IoStage } from '../../support/socket-io/io-stage.js';
import type { ServerHost } from '../../support/socket-io/server-host.js';

/** Namespaces, and what decides who may connect to them. */
export function describeNamespaces(host: () => ServerHost): void {
  let stage: IoStage;

  afterEach(async () => {
    await stage.close();
  });

  it('connects a client to several namespaces over one session', async () => {
    stage = await IoStage.open(host());
    stage.server.of('/chat');
    const { client, socket } = await stage.connect();
    const connection = once(stage.server.of('/chat') as never, 'connection');
    const chat = client.io.socket('/chat');
    const [[other]] = await Promise.all([connection, heard(chat, 'connect')]);
    const heardInChat = heard(chat, 'news');
    client.on('news', () => expect('news of another namespace').toBe(''));
    stage.server.of('/chat').emit('news', 1);
    expect(await heardInChat).toEqual([1]);
    const { conn, id } = other as typeof socket;
    expect([conn === socket.conn, id === socket.id]).toEqual([true, false]);
    chat.disconnect();
    expect(client.connected).toBe(true);
  });

  it('refuses a namespace that does not exist', async () => {
    stage = await IoStage.open(host());
    const client = stage.client('/nowhere');
    expect(((await heard(client, 'connect_error'))[0] as Error).message).toBe('Invalid namespace');
  });

  it('creates the namespaces that a pattern allows, and reaches all of them', async () => {
    stage = await IoStage.open(host());
    const parent = stage.server.of(/^\/room-\d+$/);
    const clients = ['/room-1', '/room-2'].map(namespace => stage.client(namespace));
    await Promise.all(clients.map(client => heard(client, 'connect')));
    const refused = stage.client('/room-x');
    expect(((await heard(refused, 'connect_error'))[0] as Error).message).toBe('Invalid namespace');
    const news = clients.map(client => heard(client, 'news'));
    parent.emit('news', 'all');
    expect(await Promise.all(news)).toEqual([['all'], ['all']]);
  });

  it('calls the functions that decide who may connect, in order', async () => {
    stage = await IoStage.open(host());
    const calls: string[] = [];
    stage.server
      .use((socket, next) => {
        calls.push(`first ${socket.handshake.auth['token']}`);
        next();
      })
      .use((socket, next) => {
        calls.push('second');
        const error = Object.assign(new Error('wrong token'), { data: { code: 7 } });
        next(socket.handshake.auth['token'] === 'right' ? undefined : error);
      });
    const client = stage.client('/', { auth: { token: 'wrong' } });
    const [error] = (await heard(client, 'connect_error')) as [Error & { data: unknown }];
    expect([error.message, error.data]).toEqual(['wrong token', { code: 7 }]);
    await stage.connect('/', { auth: { token: 'right' } });
    expect(calls).toEqual(['first wrong', 'second', 'first right', 'second']);
  });

  it('tells a socket about its handshake', async () => {
    stage = await IoStage.open(host());
    const { socket } = await stage.connect('/', {
      query: { key: 'a b' },
      extraHeaders: { 'x-own': 'kept' },
      transports: ['polling'],
    });
    const { query, headers, address, secure, url } = socket.handshake;
    expect(query).toMatchObject({ key: 'a b', EIO: '4', transport: 'polling' });
    expect(headers['x-own']).toBe('kept');
    expect(address).toContain('127.0.0.1');
    expect([secure, url.startsWith('/socket.io/')]).toEqual([false, true]);
  });
}
