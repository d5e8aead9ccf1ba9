import {
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { EventEmitter, once } from 'node:events';
import type { Worker } from 'node:cluster';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { handleListenRequests } from '../../../../src/supervisor/node-cluster/listen-requests.js';
import { SocketFiles } from '../../../../src/supervisor/node-cluster/socket-files.js';

let directory: string;
let path: string;
let servers: Server[];
let files: SocketFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sockets-'));
  path = join(directory, 'app.sock');
  servers = [];
  files = new SocketFiles();
});

afterEach(async () => {
  files.close();
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  rmSync(directory, { recursive: true });
});

async function listen(): Promise<void> {
  const server = createServer(socket => socket.end()).listen(path);
  servers.push(server);
  await once(server, 'listening');
}

/** The file that a killed process leaves: its socket is closed, and its name is still there. */
async function leaveStale(name = path): Promise<void> {
  const other = join(directory, 'other.sock');
  const server = createServer().listen(other);
  await once(server, 'listening');
  linkSync(other, name);
  await new Promise(resolve => server.close(resolve));
}

const prepared = (): Promise<void> => new Promise(resolve => files.prepare(path, resolve));
const key = (): string => `${path}:-1:-1:undefined:0`;

describe('SocketFiles', () => {
  it('removes what a killed host has left', async () => {
    await leaveStale();
    await leaveStale(join(directory, '.app.sock.4711'));
    await leaveStale(join(directory, '.app.sock.backup'));
    await prepared();
    expect(readdirSync(directory)).toEqual(['.app.sock.backup']);
    await listen();
  });

  it('leaves a socket on which somebody listens, and a file that is none', async () => {
    await listen();
    await prepared();
    expect(existsSync(path)).toBe(true);
    path = join(directory, 'file');
    writeFileSync(path, 'of a user');
    await prepared();
    expect(existsSync(path)).toBe(true);
  });

  it('puts a file back that the application has removed, as long as the host listens', async () => {
    await listen();
    const { ino } = lstatSync(path);
    files.opened(key());
    expect(files.paths).toEqual([path]);
    await prepared();
    rmSync(path);
    await prepared();
    expect(lstatSync(path).ino).toBe(ino);
    files.closed(key());
    expect(files.paths).toEqual([]);
    expect(readdirSync(directory)).toEqual(['app.sock']);
  });

  it('leaves nothing beside the socket when the primary ends', async () => {
    await listen();
    files.opened(key());
    expect(readdirSync(directory)).toHaveLength(2);
    files.close();
    expect(readdirSync(directory)).toEqual(['app.sock']);
  });

  it('goes on where there is no second name for a file, and ignores ports', () => {
    path = join(directory, 'missing', 'app.sock');
    files.opened(key());
    files.closed(key());
    files.opened('null:3000:4:undefined:0');
    expect(files.paths).toEqual([]);
  });

  it('lets workers listen on one path one after the other', async () => {
    await leaveStale();
    const order: string[] = [];
    files.prepare(path, () => order.push(existsSync(path) ? 'stale' : 'first'));
    files.prepare(path, () => order.push('second'));
    await prepared();
    expect(order).toEqual(['first', 'second']);
  });
});

function hold(): {
  child: EventEmitter & { connected: boolean };
  heard: unknown[];
  listens: (() => void)[];
} {
  const child = Object.assign(new EventEmitter(), { connected: true });
  const heard: unknown[] = [];
  const listens: (() => void)[] = [];
  child.on('internalMessage', message => heard.push(message));
  handleListenRequests({ process: child } as unknown as Worker, {
    inherited: () => undefined,
    prepare: (_, go) => listens.push(go),
  });
  return { child, heard, listens };
}

describe('what a worker asks node:cluster for', () => {
  const query = {
    cmd: 'NODE_CLUSTER',
    act: 'queryServer',
    addressType: -1,
    address: '/run/app.sock',
  };

  it('is held back if it is a Unix socket, until its file is as it should be', () => {
    const { child, heard, listens } = hold();
    child.emit('internalMessage', query);
    expect(heard).toEqual([]);
    listens[0]!();
    expect(heard).toEqual([query]);
  });

  it('is heard at once if it is anything else', () => {
    const { child, heard } = hold();
    const others = [
      { ...query, addressType: 4, address: null },
      { ...query, address: '\0abstract' },
      { ...query, act: 'close' },
      null,
    ];
    others.forEach(message => child.emit('internalMessage', message));
    expect(heard).toEqual(others);
  });

  it('is dropped if the worker has gone', () => {
    const { child, heard, listens } = hold();
    child.emit('internalMessage', query);
    child.connected = false;
    listens[0]!();
    expect(heard).toEqual([]);
  });
});
