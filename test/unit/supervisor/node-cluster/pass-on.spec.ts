import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  announceReady,
  type ConnectionLink,
  isReady,
  receiveConnections,
} from '../../../../src/ipc/connection-message.js';
import { passOn } from '../../../../src/supervisor/node-cluster/pass-on.js';

const target = { to: 'worker', worker: 2, text: 'GET / HTTP/1.1\r\n\r\n' } as const;

/** What becomes of the connections that a worker is to get. */
type Fate = 'arrive' | 'wait' | 'fail';

/** A worker that notes the connections that it gets. */
function worker(fate: Fate = 'arrive', connected = true) {
  const taken: unknown[] = [];
  type Written = (error: Error | null) => void;
  const send = (message: object, handle: unknown, _: object, written: Written): void => {
    taken.push([Object.values(message)[0], handle]);
    if (fate !== 'wait') {
      written(fate === 'fail' ? new Error('write ENOBUFS') : null);
    }
  };
  const link = Object.assign(new EventEmitter(), { connected, send });
  receiveConnections(link, () => true);
  announceReady(
    Object.assign(new EventEmitter(), {
      connected,
      send: (message: object) => link.emit('message', message),
    }),
  );
  const end = (): void => {
    link.connected = false;
    link.emit('disconnect');
  };
  return { process: link, taken, end };
}

function connection() {
  const closable = { closed: 0, close: () => void closable.closed++ };
  return closable;
}

describe('a connection that moves', () => {
  it('goes to its owner, and the copy of the primary is closed', async () => {
    const [owner, sender, handle] = [worker(), worker(), connection()];
    await passOn(target, handle, owner, sender);
    expect([owner.taken, sender.taken, handle.closed]).toEqual([[[target, handle]], [], 1]);
  });

  it.each([
    ['does not exist', undefined],
    ['has ended', worker('arrive', false)],
    ['cannot get it', worker('fail')],
  ])('goes back if its owner %s', async (_, owner) => {
    const [sender, handle] = [worker(), connection()];
    await passOn(target, handle, owner, sender);
    expect([sender.taken, handle.closed]).toEqual([[[target, handle]], 1]);
  });

  it('goes back if 8 others wait for its owner', async () => {
    const [owner, sender] = [worker('wait'), worker()];
    const handles = Array.from({ length: 12 }, connection);
    const passed = handles.map(handle => passOn(target, handle, owner, sender));
    await Promise.all(passed.slice(8));
    expect(owner.taken).toHaveLength(8);
    expect(sender.taken).toEqual(handles.slice(8).map(handle => [target, handle]));
    expect(handles.map(({ closed }) => closed)).toEqual(handles.map((_, index) => +(index >= 8)));
  });

  it.each(['has ended', 'ends before it gets it', 'cannot get it'])(
    'goes to a busy owner if its sender %s',
    async why => {
      const owner = worker('wait');
      Array.from({ length: 8 }, () => void passOn(target, connection(), owner, worker()));
      const handle = connection();
      const sender = worker(why === 'cannot get it' ? 'fail' : 'wait', why !== 'has ended');
      void passOn(target, handle, owner, sender);
      sender.end();
      await new Promise(setImmediate);
      expect([owner.taken.at(-1), handle.closed]).toEqual([[target, handle], 0]);
    },
  );

  it('goes back with others if their owner ends before they were sent', async () => {
    const [owner, sender] = [worker('wait'), worker()];
    const handles = Array.from({ length: 6 }, connection);
    const passed = handles.map(handle => passOn(target, handle, owner, sender));
    expect(handles.map(({ closed }) => closed)).toEqual(handles.map(() => 0));
    owner.end();
    await Promise.all(passed);
    expect(sender.taken).toEqual(handles.map(handle => [target, handle]));
    expect(handles.map(({ closed }) => closed)).toEqual(handles.map(() => 1));
  });

  it.each([
    ['its owner and then its sender end', true],
    ['its sender ends first', false],
  ])('is closed if %s before it was sent', async (_, isLast) => {
    const [owner, sender, handle] = [worker('wait'), worker('wait'), connection()];
    const passed = passOn(target, handle, owner, sender);
    for (const ended of isLast ? [owner, sender] : [sender, owner]) {
      ended.end();
      await new Promise(setImmediate);
    }
    await passed;
    expect(handle.closed).toBe(1);
  });

  it('is closed if nobody can get it', async () => {
    const handle = connection();
    await passOn(target, handle, worker('fail'), worker('fail'));
    expect(handle.closed).toBe(1);
  });
});

async function listen(child: ChildProcess): Promise<void> {
  child.send('listen');
  await once(child, 'message');
}

describe('between processes', () => {
  /** Answers each connection that it gets with its role, when it is told to listen. */
  const PROGRAM = `
    process.on('message', message => {
      if (message === 'listen') {
        process.on('message', (_, handle) => {
          if (handle) {
            const socket = new (require('node:net').Socket)({ handle, writable: true });
            socket.end(process.argv[1]);
          }
        });
        process.send({ 'nestjs-cluster/connection': 'ready' });
      }
    });
    process.send('started');
  `;

  let children: ChildProcess[];
  let server: Server;

  beforeEach(async () => {
    children = [];
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    children.forEach(child => child.kill('SIGKILL'));
    server.close();
  });

  async function start(role: string): Promise<ChildProcess & ConnectionLink> {
    const child = spawn(process.execPath, ['-e', PROGRAM, role], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(child);
    receiveConnections(child, () => false);
    await once(child, 'message');
    return child;
  }

  interface Opened {
    readonly handle: { close(): void; readStop(): void };
    /** What the client has received when the connection closes. */
    readonly received: Promise<string>;
  }

  async function open(): Promise<Opened> {
    const accepted = once(server, 'connection');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    client.setEncoding('utf8').on('data', (data: string) => (text += data));
    client.on('error', () => {});
    const received = new Promise<string>(resolve => client.once('close', () => resolve(text)));
    const [{ _handle: handle }] = (await accepted) as [Socket & { _handle: Opened['handle'] }];
    handle.readStop();
    return { handle, received };
  }

  it('one for a worker that boots goes back, and to a worker that receives connections', async () => {
    const [owner, sender] = await Promise.all([start('owner'), start('sender')]);
    await listen(sender);
    expect([isReady(owner), isReady(sender)]).toEqual([false, true]);
    const pass = async (): Promise<string> => {
      const { handle, received } = await open();
      await passOn(target, handle, { process: owner }, { process: sender });
      return received;
    };
    expect(await pass()).toBe('sender');
    await listen(owner);
    expect(await pass()).toBe('owner');
  });

  it('those that wait for a worker that does not respond go back when it is killed', async () => {
    const [owner, sender] = await Promise.all([start('owner'), start('sender')]);
    await Promise.all([listen(owner), listen(sender)]);
    let disconnects = 0;
    owner.on('disconnect', () => disconnects++);
    owner.kill('SIGSTOP');
    const opened = [await open(), await open(), await open()];
    const passed = opened.map(({ handle }) =>
      passOn(target, handle, { process: owner }, { process: sender }),
    );
    // Only the first one was sent.
    await passed[0];
    owner.kill('SIGKILL');
    await Promise.all(passed);
    const received = await Promise.all(opened.map(each => each.received));
    expect(received).toEqual(['', 'sender', 'sender']);
    // Node does not report it while connections wait.
    expect(disconnects).toBe(1);
  });
});
