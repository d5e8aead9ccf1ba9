import { EventEmitter } from 'node:events';
import { resolve as resolvePath } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ListeningSockets } from '../../../../src/supervisor/node-cluster/listening-sockets.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';

/** A TCP handle on which somebody waits in so many turns of the event loop. */
class FakeHandle {
  accepted = 0;
  readonly connections: unknown[] = [];
  closedAt: number | undefined;
  #waiting = 0;

  onconnection(_?: number, connection?: unknown): void {
    this.accepted++;
    this.connections.push(connection);
  }

  getsockname(address: { address?: string; port?: number }): void {
    Object.assign(address, { address: '127.0.0.1', port: 3000 });
  }

  close(): void {
    this.closedAt = monotonicNow();
  }

  queue(connections: number): void {
    this.#waiting = connections;
    const acceptOne = (): void => {
      if (this.#waiting-- > 0 && this.closedAt === undefined) {
        this.onconnection();
        setImmediate(acceptOne);
      }
    };
    setImmediate(acceptOne);
  }
}

/** What of a server is needed here, from which `node:cluster` takes its handle when it listens, or does not. */
class FakeServer extends EventEmitter {
  _handle: FakeHandle | null = null;
  readonly handle = new FakeHandle();

  constructor(private readonly path?: string) {
    super();
  }

  address(): string | { port: number } {
    return this.path ?? { port: 3000 };
  }

  // oxlint-disable no-underscore-dangle -- Node's own name
  listen(takenAway = true): void {
    this._handle = this.handle;
    this.emit('listening');
    if (takenAway) {
      this._handle = null;
    }
  }
  // oxlint-enable no-underscore-dangle
}

type Observed = Parameters<ListeningSockets['observe']>[0];

let sockets: ListeningSockets;
let Server: typeof FakeServer;

async function listening(takenAway?: boolean, path?: string): Promise<FakeHandle> {
  const server = new Server(path);
  server.listen(takenAway);
  await new Promise<void>(resolve => process.nextTick(() => resolve()));
  return server.handle;
}

beforeEach(() => {
  Server = class extends FakeServer {
    override listen(takenAway?: boolean): void {
      super.listen(takenAway);
    }
  };
  sockets = new ListeningSockets();
  sockets.observe(Server.prototype as unknown as Observed);
});

describe('ListeningSockets.close()', () => {
  it('closes a port for which nobody waits', async () => {
    const handle = await listening();
    await sockets.close(10_000);
    expect(handle.closedAt).toBeDefined();
  });

  it('closes a port when everybody who waited has been accepted', async () => {
    const handle = await listening();
    handle.queue(500);
    await sockets.close(60_000);
    expect(handle.accepted).toBe(500);
    expect(handle.closedAt).toBeDefined();
  });

  it.each([
    ['first', [0, 1, 1.001]],
    ['later', [0, 10, 20, 30, 30.1]],
    ['longer one, if none was short for a second', [0, 400, 800, 1_200, 1_210]],
  ])(
    'closes a port after the %s short turn: clients may connect in a long one',
    async (_, times) => {
      const now = times[Symbol.iterator]();
      const closing = new ListeningSockets(() => now.next().value ?? NaN);
      closing.observe(Server.prototype as unknown as Observed);
      const handle = await listening();
      await closing.close(60_000);
      expect(handle.closedAt).toBeDefined();
      expect(now.next().done).toBe(true);
    },
  );

  it('closes a port whose queue never ends at the end of the time', async () => {
    const handle = await listening();
    handle.queue(Infinity);
    const begunAt = monotonicNow();
    await sockets.close(50);
    expect(handle.closedAt! - begunAt).toBeGreaterThanOrEqual(50);
    expect(handle.accepted).toBeGreaterThan(0);
  });

  it('tells of each Unix socket just before it closes, while a port is still busy', async () => {
    const port = await listening();
    port.queue(Infinity);
    const socket = await listening(true, 'run/app.sock');
    const seen: unknown[] = [];
    await sockets.close(50, path => seen.push([path, socket.closedAt, port.closedAt]));
    expect(seen).toEqual([[resolvePath('run/app.sock'), undefined, undefined]]);
    expect(socket.closedAt! < port.closedAt!).toBe(true);
  });

  it('leaves alone what is not that of node:cluster', async () => {
    const handle = await listening(false);
    await sockets.close(10_000);
    expect(handle.closedAt).toBeUndefined();
  });

  it('forgets a port that node:cluster has closed', async () => {
    const handle = await listening();
    handle.close();
    expect(handle.closedAt).toBeDefined();
    handle.closedAt = undefined;
    await sockets.close(10_000);
    expect(handle.closedAt).toBeUndefined();
  });

  it('closes each port once', async () => {
    const handle = await listening();
    await sockets.close(10_000);
    handle.closedAt = undefined;
    await sockets.close(10_000);
    expect(handle.closedAt).toBeUndefined();
  });
});

describe('a connection that a worker gives back', () => {
  const address = { address: '127.0.0.1', port: 3000 };

  it('is delivered to the socket of its port, as long as that is open', async () => {
    const handle = await listening();
    const connection = {};
    expect(sockets.has(address)).toBe(true);
    expect(sockets.deliver(address, connection)).toBe(true);
    expect(handle.connections).toEqual([connection]);
    handle.close();
    expect(sockets.has(address)).toBe(false);
    expect(sockets.deliver(address, connection)).toBe(false);
  });

  it.each([
    { address: '127.0.0.1', port: 3001 },
    { address: '::', port: 3000 },
    { address: '/tmp/socket', port: null },
  ])('is not delivered to another port (%j)', async other => {
    await listening();
    expect(sockets.has(other)).toBe(false);
  });
});
