import { type Server, Socket } from 'node:net';
import type { ListeningAddress } from '../../model/host-status.interface.js';
import type { InheritedDescriptor } from './listen-variables.js';
import { unixSocketPath } from './unix-socket-path.js';

/**
 * The maximum number of accepted connections that wait while no worker listens. It is the default length of the
 * queue in the kernel.
 */
const MAX_HELD = 4_096;

/** A longer queue than the system allows (`net.core.somaxconn`) is shortened by it. */
const LONGEST_QUEUE = 2 ** 31 - 1;

interface Closable {
  close(): void;
}

/** The parts of Node's TCP and pipe handles that are used here. @internal */
export interface SocketHandle {
  onconnection: ((status: number, connection?: Closable) => void) | null;
  listen(backlog: number): number;
  close(...args: unknown[]): void;
  /** Writes its address into `address`. Pipes have no such method. */
  getsockname?(address: { address?: string; port?: number }): number;
  getpeername?(address: object): number;
}

/** A server that gets its handle before it listens, as one does that was received from another process. */
interface HandleServer {
  _handle: SocketHandle | null;
  _listen2(address: null, port: number, addressType: number, backlog: number, fd: number): void;
}

/**
 * A listening socket that systemd has opened. It stays open for the next process when this one ends, so nothing that
 * waits in its queue may be accepted before somebody serves it.
 *
 * `node:cluster` opens a socket for its first listener, and closes it after its last one. This class lends its handle
 * instead. Node cannot open the same descriptor twice, and cannot stop accepting without closing it. So while no
 * worker listens, connections that are accepted nevertheless are held, and the next listener gets them.
 *
 * @internal
 */
export class InheritedSocket {
  readonly fd: number;
  readonly name: string;
  readonly address: ListeningAddress;
  readonly #handle: SocketHandle;
  readonly #close: (...args: unknown[]) => void;
  #held: Closable[] = [];
  #isUsed = false;
  #isReleased = false;

  /**
   * @throws Error if the descriptor is no listening stream socket
   */
  constructor(
    { fd, name }: InheritedDescriptor,
    open: (fd: number) => SocketHandle = openHandle,
    pathOf: (fd: number) => string | undefined = unixSocketPath,
  ) {
    this.fd = fd;
    this.name = name;
    this.#handle = open(fd);
    this.address = addressOf(this.#handle, () => pathOf(fd));
    this.#close = this.#handle.close.bind(this.#handle);
    this.#handle.close = () => this.#park();
  }

  /** Whether anybody has listened on it. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Whether it is closed in this process. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Returns the handle to one who gives it to other processes, and does not accept connections here. */
  lend(): SocketHandle {
    this.#isUsed = true;
    return this.#handle;
  }

  /** Makes a server of this process listen on it. */
  listen(server: Server): void {
    this.#isUsed = true;
    // Without the wrapper of an earlier server.
    this.#handle.close = () => this.#park();
    const target = server as unknown as HandleServer;
    // oxlint-disable no-underscore-dangle -- Node's own names
    target._handle = this.#handle;
    target._listen2(null, -1, -1, LONGEST_QUEUE, this.fd);
    // oxlint-enable no-underscore-dangle
    // `node:cluster` takes over the handle in the same event.
    server.once('listening', () => process.nextTick(() => this.#deliver()));
  }

  /**
   * Makes a server of this process listen on it, which closes it as its own.
   *
   * @param followers sockets whose connections the server gets as well
   */
  serve(server: Server, followers: readonly InheritedSocket[]): void {
    this.listen(server);
    this.#handle.close = (...args) => {
      this.#isReleased = true;
      followers.forEach(follower => follower.release());
      this.#close(...args);
    };
    followers.forEach(follower => follower.follow(this));
  }

  /** Begins to accept connections for the listener of another socket. */
  follow(leader: InheritedSocket): void {
    this.#isUsed = true;
    this.#handle.onconnection = (status, connection) =>
      leader.#handle.onconnection?.(status, connection);
    this.#handle.listen(LONGEST_QUEUE);
  }

  /** Closes it in this process. What waits in its queue stays there for the next process. */
  release(): void {
    if (!this.#isReleased) {
      this.#isReleased = true;
      this.#close();
      this.#held.splice(0).forEach(connection => connection.close());
    }
  }

  #park(): void {
    this.#handle.onconnection = (_, connection) => {
      if (connection && this.#held.length < MAX_HELD) {
        this.#held.push(connection);
      } else {
        connection?.close();
      }
    };
  }

  #deliver(): void {
    this.#held.splice(0).forEach(connection => this.#handle.onconnection?.(0, connection));
  }
}

/** Opens a descriptor without listening on it or reading from it. */
function openHandle(fd: number): SocketHandle {
  const socket = new Socket({ fd, readable: false, writable: false }) as unknown as {
    _handle: SocketHandle;
  };
  // oxlint-disable no-underscore-dangle -- Node's own name
  const handle = socket._handle;
  // The socket must not close it.
  (socket as { _handle: SocketHandle | null })._handle = null;
  // oxlint-enable no-underscore-dangle
  return handle;
}

function addressOf(handle: SocketHandle, path: () => string | undefined): ListeningAddress {
  if (handle.getpeername?.({}) === 0) {
    throw new Error('it is a connection; the socket unit needs Accept=no');
  }
  if (!handle.getsockname) {
    return { address: path() ?? null, port: null };
  }
  const own: { address?: string; port?: number } = {};
  handle.getsockname(own);
  return { address: own.address ?? null, port: own.port ?? null };
}
