// oxlint-disable no-underscore-dangle -- Node's own names
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  InheritedSocket,
  type SocketHandle,
} from '../../../src/systemd/activation/inherited-socket.js';
import {
  InheritedSockets,
  type SocketOpeners,
} from '../../../src/systemd/activation/inherited-sockets.js';

class Connection {
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

/** A handle of Node that listens when it is told to. */
class FakeHandle implements SocketHandle {
  onconnection: SocketHandle['onconnection'] = null;
  isClosed = false;
  backlog = 0;

  constructor(readonly own: { address: string; port: number }) {}

  close(): void {
    this.isClosed = true;
  }

  listen(backlog: number): number {
    this.backlog = backlog;
    return 0;
  }

  getsockname(address: object): number {
    Object.assign(address, this.own);
    return 0;
  }

  getpeername(): number {
    return -107;
  }

  accept(): Connection {
    const connection = new Connection();
    this.onconnection?.(0, connection);
    return connection;
  }
}

/** A server of `node:cluster`: it takes the handle away when it listens, and closes it after the last worker. */
class FakeServer extends EventEmitter {
  _handle: FakeHandle | null = null;
  readonly got: unknown[] = [];
  handle: FakeHandle | undefined;

  constructor() {
    super();
    this.once('listening', () => {
      this.handle = this._handle!;
      this.handle.onconnection = (_, connection) => this.got.push(connection);
      this._handle = null;
    });
  }

  _listen2(_address: null, _port: number, _type: number, backlog: number): void {
    this._handle!.listen(backlog);
    process.nextTick(() => this.emit('listening'));
  }
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

let warnings: string[];
let handles: FakeHandle[];

beforeEach(() => {
  warnings = [];
  handles = [];
});

function take(...addresses: readonly (readonly [string, number])[]): InheritedSockets {
  const env = { LISTEN_PID: '42', LISTEN_FDS: String(addresses.length), LISTEN_FDNAMES: 'a:b:c' };
  return InheritedSockets.take(
    env,
    42,
    line => void warnings.push(line),
    descriptor =>
      new InheritedSocket(descriptor, fd => {
        const [address, port] = addresses[fd - 3]!;
        const handle = new FakeHandle({ address, port });
        handles.push(handle);
        return handle;
      }),
  );
}

/** Installs the sockets where `node:cluster` opens its own, and returns these functions. */
function install(sockets: InheritedSockets) {
  const opened: unknown[] = [];
  const openers = {
    prototype: {
      listen(...args: unknown[]) {
        opened.push(args[0]);
        return this;
      },
    },
    module: { _createServerHandle: (...args: unknown[]) => opened.push(args[3]) },
  };
  sockets.install(openers as unknown as SocketOpeners);
  const listen = async (fd: number): Promise<FakeServer> => {
    const server = new FakeServer();
    (openers.prototype.listen as (this: FakeServer, options: object) => unknown).call(server, {
      fd,
    });
    await nextTurn();
    return server;
  };
  return { listen, openers, opened };
}

describe('the sockets from systemd', () => {
  it('are found by what a worker asks for', () => {
    const sockets = take(['::', 3000], ['127.0.0.1', 3001]);
    expect(sockets.descriptorFor({ address: null, port: 3000 })).toBe(3);
    expect(sockets.descriptorFor({ address: '127.0.0.1', port: 3001 })).toBe(4);
    expect(sockets.descriptorFor({ address: null, port: 3002 })).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('are not used on another address; a warning says so once', () => {
    const sockets = take(['::', 3000]);
    for (const _ of [1, 2]) {
      expect(sockets.descriptorFor({ address: '127.0.0.1', port: 3000 })).toBeUndefined();
    }
    expect(warnings).toEqual([
      'The application listens on 127.0.0.1:3000, but the socket a from systemd is on [::]:3000, and is not used. ' +
        'Use the same address in app.listen() and in ListenStream=',
    ]);
  });

  it('do not accept before somebody listens, and then keep the longest queue that the system allows', async () => {
    const sockets = take(['::', 3000]);
    const { listen } = install(sockets);
    expect(handles[0]!.backlog).toBe(0);
    const server = await listen(3);
    expect(handles[0]!.backlog).toBe(2 ** 31 - 1);
    const connection = handles[0]!.accept();
    expect(server.got).toEqual([connection]);
  });

  it('stay open after the last worker, and hold connections for the next one', async () => {
    const sockets = take(['::', 3000]);
    const { listen } = install(sockets);
    const first = await listen(3);
    first.handle!.close();
    expect(handles[0]!.isClosed).toBe(false);
    const held = [handles[0]!.accept(), handles[0]!.accept()];
    const second = await listen(3);
    expect(second.got).toEqual(held);
    expect(first.got).toEqual([]);
  });

  it('hold as many connections as the kernel, and close the others', async () => {
    const { listen } = install(take(['::', 3000]));
    (await listen(3)).handle!.close();
    const all = Array.from({ length: 4_097 }, () => handles[0]!.accept());
    expect(all.filter(({ isClosed }) => isClosed)).toEqual([all.at(-1)]);
  });

  it('with the same port are used together by a worker that listens on all interfaces', async () => {
    const sockets = take(['127.0.0.1', 3000], ['::1', 3000], ['::1', 3001]);
    const { listen } = install(sockets);
    expect(sockets.descriptorFor({ address: null, port: 3000 })).toBe(3);
    const server = await listen(3);
    const connections = [handles[0]!.accept(), handles[1]!.accept()];
    expect(server.got).toEqual(connections);
    sockets.warnOfUnused();
    expect(warnings).toEqual([expect.stringContaining('the socket c from systemd, [::1]:3001')]);
  });

  it('are closed by a stop: nobody listens on them any more', async () => {
    const sockets = take(['::', 3000]);
    const { listen } = install(sockets);
    const server = await listen(3);
    sockets.release();
    expect(handles[0]!.isClosed).toBe(true);
    expect(sockets.descriptorFor({ address: null, port: 3000 })).toBe('closed');
    expect(sockets.descriptorFor({ address: null, port: 3001 })).toBeUndefined();
    server.handle!.close();
    sockets.release();
  });

  it('take the connections with them that they hold', async () => {
    const sockets = take(['::', 3000]);
    const { listen } = install(sockets);
    (await listen(3)).handle!.close();
    const held = handles[0]!.accept();
    sockets.release();
    expect(held.isClosed).toBe(true);
  });

  it('are lent to workers that accept connections themselves', () => {
    const sockets = take(['::', 3000]);
    const { openers, opened } = install(sockets);
    expect(openers.module._createServerHandle('::', 3000, 6, 3, 0)).toBe(handles[0]);
    openers.module._createServerHandle('::', 3001, 6, undefined, 0);
    expect(opened).toEqual([undefined]);
    sockets.warnOfUnused();
    expect(warnings).toEqual([]);
  });

  it('leave every other server alone', () => {
    const { openers, opened } = install(take(['::', 3000]));
    const server = {} as typeof openers.prototype;
    for (const argument of [{ port: 3000 }, { fd: 9 }, 3000, null, undefined]) {
      openers.prototype.listen.call(server, argument);
    }
    expect(opened).toEqual([{ port: 3000 }, { fd: 9 }, 3000, null, undefined]);
  });

  it('are used by servers of this process, which close them as their own', async () => {
    const sockets = take(['127.0.0.1', 3000], ['::1', 3000], ['::', 3001]);
    const opened: unknown[] = [];
    const prototype = {
      listen(...args: unknown[]) {
        opened.push(args[0]);
        return this;
      },
    };
    sockets.installForServers(prototype as never);
    const listen = async (...args: unknown[]): Promise<FakeServer> => {
      const server = new FakeServer();
      prototype.listen.apply(server as never, args);
      await nextTurn();
      return server;
    };
    let isListening = false;
    const server = await listen(3000, () => (isListening = true));
    expect(isListening).toBe(true);
    const connections = [handles[0]!.accept(), handles[1]!.accept()];
    expect(server.got).toEqual(connections);

    server.handle!.close();
    expect(handles.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    await listen(3000);
    await listen({ port: 3002 });
    expect(opened).toEqual([3000, { port: 3002 }]);
  });

  it('change nothing if there are none', () => {
    const openers = { prototype: {}, module: {} } as SocketOpeners;
    const sockets = InheritedSockets.take({}, 42, () => {});
    sockets.install(openers);
    sockets.installForServers(openers.prototype);
    expect(openers).toEqual({ prototype: {}, module: {} });
  });

  it('that cannot be used are reported', () => {
    const env = { LISTEN_PID: '42', LISTEN_FDS: '1', LISTEN_FDNAMES: 'udp' };
    const sockets = InheritedSockets.take(
      env,
      42,
      line => void warnings.push(line),
      () => {
        throw new Error('Unsupported fd type: UDP');
      },
    );
    expect(sockets.isEmpty).toBe(true);
    expect(warnings).toEqual([
      'The socket udp from systemd (descriptor 3) cannot be used: Unsupported fd type: UDP',
    ]);
  });

  it('that are connections are refused', () => {
    const handle = new FakeHandle({ address: '::', port: 1 });
    handle.getpeername = () => 0;
    expect(() => new InheritedSocket({ fd: 3, name: 'a' }, () => handle)).toThrow('Accept=no');
  });

  it('of another process are reported', () => {
    InheritedSockets.take(
      { LISTEN_PID: '7', LISTEN_FDS: '1' },
      42,
      line => void warnings.push(line),
    );
    expect(warnings).toEqual([
      expect.stringContaining('LISTEN_PID is 7, and this process is 42. ExecStart= must start'),
    ]);
  });
});
