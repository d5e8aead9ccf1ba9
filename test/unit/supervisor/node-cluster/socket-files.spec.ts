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
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handleListenRequests } from '../../../../src/supervisor/node-cluster/listen-requests.js';
import { SocketFiles } from '../../../../src/supervisor/node-cluster/socket-files.js';
import { acceptsConnections } from '../../../support/accepts-connections.js';

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

/** Opens a socket as `node:cluster` does for its first worker. */
function open(bound: string): void {
  servers.push(createServer(socket => socket.end()).listen(bound));
  files.opened(keyOf(bound));
}

/** Lets the host listen, as for a worker. */
async function listenOn(): Promise<string> {
  const [bound] = await bindsAnd(name => {
    if (!files.paths.includes(path)) {
      open(name);
    }
  });
  return bound;
}

const answers = (): Promise<boolean> => acceptsConnections({ path });

const SECOND_NAME = `.app.sock.${process.pid}`;
const keyOf = (bound: string): string => `${bound}:-1:-1:undefined:0`;

describe('SocketFiles', () => {
  it('removes what a killed host has left', async () => {
    await leaveStale();
    await leaveStale(join(directory, '.app.sock.4711'));
    await leaveStale(join(directory, '.app.sock.backup'));
    await listenOn();
    expect(readdirSync(directory)).toEqual(
      ['.app.sock.backup', SECOND_NAME, 'app.sock'].toSorted(),
    );
    expect(await answers()).toBe(true);
  });

  it('leaves a socket on which somebody listens, and a file that is none', async () => {
    await listen();
    expect(await bindsAnd(existsSync)).toEqual([path, true]);
    path = join(directory, 'file');
    writeFileSync(path, 'of a user');
    expect(await bindsAnd(existsSync)).toEqual([path, true]);
    expect(files.paths).toEqual([]);
    files.close();
    expect(readdirSync(directory)).toEqual(['app.sock', 'file']);
  });

  it('restores a file that the application has removed, as long as the host listens', async () => {
    const bound = await listenOn();
    expect(files.paths).toEqual([path]);
    rmSync(path);
    expect(await answers()).toBe(false);
    expect(await listenOn()).toBe(bound);
    expect(await answers()).toBe(true);
    rmSync(bound);
    expect(await listenOn()).toBe(bound);
    expect(readdirSync(directory)).toEqual([SECOND_NAME, 'app.sock']);
    files.closed(keyOf(bound));
    expect([files.paths, readdirSync(directory)]).toEqual([[], []]);
  });

  it('restores a file that another worker removes as soon as it is there', async () => {
    await bindsAnd(bound => {
      servers.push(createServer(socket => socket.end()).listen(bound));
      rmSync(path, { force: true });
      files.opened(keyOf(bound));
      rmSync(path);
    });
    await listenOn();
    expect(await answers()).toBe(true);
    rmSync(path);
    await listenOn();
    expect(await answers()).toBe(true);
  });

  it('binds the first name if the second one would be too long, and restores it from the second', async () => {
    path = join(directory, 'a'.repeat(100 - directory.length));
    expect(await listenOn()).toBe(path);
    rmSync(path);
    await listenOn();
    expect(await answers()).toBe(true);
    files.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves the file of a host that has taken its place', async () => {
    const bound = await listenOn();
    rmSync(path);
    await listen();
    files.closed(keyOf(bound));
    expect(readdirSync(directory)).toEqual(['app.sock']);
    expect(await answers()).toBe(true);
  });

  it('gives up the path when its socket closes, and leaves it to the next host', async () => {
    const bound = await listenOn();
    files.remove(bound);
    await new Promise(resolve => servers.pop()!.close(resolve));
    expect([files.paths, readdirSync(directory)]).toEqual([[], []]);
    await listen();
    files.closed(keyOf(bound));
    expect(await answers()).toBe(true);
  });

  it('restores a socket that Node has bound again to the first name', async () => {
    path = join(directory, 'a'.repeat(100 - directory.length));
    await listenOn();
    await new Promise(resolve => servers.pop()!.close(resolve));
    await bindsAnd(name => servers.push(createServer(socket => socket.end()).listen(name)));
    rmSync(path);
    await listenOn();
    expect(await answers()).toBe(true);
  });

  it('leaves nothing when the primary ends', async () => {
    await listenOn();
    files.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('never restores a file from a name that belongs to another host', async () => {
    const other = createServer().listen(join(directory, SECOND_NAME));
    servers.push(other);
    await once(other, 'listening');
    const bound = await listenOn();
    expect(bound).toBe(`${join(directory, SECOND_NAME)}.1`);
    const { ino } = lstatSync(path);
    rmSync(path);
    await listenOn();
    expect(lstatSync(path).ino).toBe(ino);
    files.closed(keyOf(bound));
    expect(readdirSync(directory)).toEqual([SECOND_NAME]);
  });

  it('does not replace the file of another host that listens at the same moment', async () => {
    await bindsAnd(bound => {
      servers.push(createServer(socket => socket.end()).listen(path));
      open(bound);
    });
    expect([files.paths, await answers()]).toEqual([[], true]);
    expect(await bindsAnd(existsSync)).toEqual([path, true]);
  });

  it('does not use the name of a socket again that is open, and that another host has cut off', async () => {
    const other = createServer();
    const [first] = await bindsAnd(bound => {
      other.listen(path);
      open(bound);
    });
    await new Promise(resolve => other.close(resolve));
    expect(await listenOn()).toBe(`${first}.1`);
    expect(await answers()).toBe(true);
    files.closed(keyOf(`${first}.1`));
    files.closed(keyOf(first));
    expect(await listenOn()).toBe(first);
  });

  it.each([true, false])(
    'has Node report an error to one worker before the next one listens (open: %s)',
    async isOpen => {
      if (isOpen) {
        await listenOn();
      } else {
        writeFileSync(path, 'no socket');
      }
      const order: string[] = [];
      files.prepare(path, () => {
        order.push('first');
        setImmediate(() => order.push('turn'));
      });
      await bindsAnd(() => order.push('second'));
      expect(order).toEqual(['first', 'turn', 'second']);
    },
  );

  it('does not take over the file of another host that has taken its place', async () => {
    const bound = await listenOn();
    rmSync(bound);
    rmSync(path);
    await listen();
    await listenOn();
    await listenOn();
    files.closed(keyOf(bound));
    expect(readdirSync(directory)).toEqual(['app.sock']);
    expect(await answers()).toBe(true);
  });

  it('replaces its file if Node has closed the socket, and binds it again', async () => {
    const bound = await listenOn();
    await new Promise(resolve => servers.pop()!.close(resolve));
    expect(await answers()).toBe(false);
    await bindsAnd(name => servers.push(createServer(socket => socket.end()).listen(name)));
    expect(await answers()).toBe(true);
    files.closed(keyOf(bound));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('has both names before the worker learns that it listens', async () => {
    const seen = await bindsAnd(bound => {
      open(bound);
      return existsSync(path);
    });
    expect(seen).toEqual([join(directory, SECOND_NAME), true]);
  });

  it('forgets a path on which listening has failed, and ignores ports', async () => {
    path = join(directory, 'missing', 'app.sock');
    expect(await bindsAnd(existsSync)).toEqual([path, false]);
    files.closed(keyOf(path));
    files.closed('null:3000:4:undefined:0');
    expect(files.paths).toEqual([]);
  });

  it('lets workers listen on one path one after the other', async () => {
    await leaveStale();
    const order: string[] = [];
    files.prepare(path, () => order.push(existsSync(path) ? 'stale' : 'first'));
    files.prepare(path, () => order.push('second'));
    await listenOn();
    expect(order).toEqual(['first', 'second']);
  });
});

/** Prepares the file without listening. */
async function bindsAnd<T>(look: (bound: string) => T): Promise<[bound: string, seen: T]> {
  const seen = await new Promise<[string, T]>(resolve =>
    files.prepare(path, bound => resolve([bound, look(bound)])),
  );
  await nextTurn();
  return seen;
}

function hold(): {
  child: EventEmitter & { connected: boolean };
  heard: unknown[];
  listens: ((bound: string) => void)[];
} {
  const child = Object.assign(new EventEmitter(), { connected: true });
  const heard: unknown[] = [];
  const listens: ((bound: string) => void)[] = [];
  child.on('internalMessage', function onInternalMessage(message: unknown) {
    heard.push(message);
  });
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
    listens[0]!('/run/.app.sock.1');
    expect(heard).toEqual([{ ...query, address: '/run/.app.sock.1' }]);
  });

  it('is heard at once if it is anything else', () => {
    const { child, heard } = hold();
    const others = [
      { ...query, addressType: 4, address: null },
      { ...query, address: '/srv/app/\0abstract' },
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
    listens[0]!('/run/.app.sock.1');
    expect(heard).toEqual([]);
  });
});
