import type { Worker } from 'node:cluster';
import type { ListeningAddress } from '../../model/host-status.interface.js';

interface ListenRequest {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly addressType?: unknown;
  /** A descriptor of the primary on which the worker wants to listen. */
  readonly fd?: unknown;
}

type MessageListener = (this: unknown, message: unknown, handle: unknown) => void;

/** What happens before the primary opens a socket for a worker. @internal */
export interface ListenRequestHandler {
  /**
   * Returns the descriptor of a socket that the primary already has for this address: `undefined` if it has none, and
   * `'closed'` if it has closed it because the host stops. The worker then gets no answer.
   */
  inherited(address: ListeningAddress): number | 'closed' | undefined;
  /** Prepares the file of a Unix socket, and then calls `listen` with the path to bind. */
  prepare(path: string, listen: (bound: string) => void): void;
}

/**
 * The name of the function with which `node:cluster` listens to a worker.
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/utils.js
 */
const LISTENER_NAME = 'onInternalMessage';

/** The address types of TCP. */
const TCP: ReadonlySet<unknown> = new Set([4, 6]);

/** The address type, and the port, of a Unix socket. */
const UNIX = -1;

/**
 * Handles the requests of a worker to listen before `node:cluster` does: a socket that the primary has inherited is used
 * instead of a new one, and other Unix sockets are prepared. The primary opens a socket when it receives the request, and
 * Node offers no other hook.
 *
 * If the messages or their listener are not as expected, nothing is done.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/child.js (`_getServer`) and
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/primary.js (`cluster.fork`)
 *
 * @internal
 */
export function handleListenRequests(worker: Worker, handler: ListenRequestHandler): void {
  const child = worker.process;
  const listener = child.listeners('internalMessage').find(({ name }) => name === LISTENER_NAME) as
    MessageListener | undefined;
  if (!listener) {
    return;
  }
  child.off('internalMessage', listener);
  child.on('internalMessage', (message: unknown, handle: unknown) => {
    const address = addressIn(message);
    if (address === undefined) {
      listener.call(child, message, handle);
      return;
    }
    answer(address, handler, change => {
      // Node would count a worker that has gone meanwhile as a listener for ever.
      if (child.connected) {
        listener.call(child, { ...(message as ListenRequest), ...change }, handle);
      }
    });
  });
}

/** @param pass lets `node:cluster` handle the request, with changes */
function answer(
  address: ListeningAddress,
  handler: ListenRequestHandler,
  pass: (change: ListenRequest) => void,
): void {
  const inherited = handler.inherited(address);
  if (inherited === 'closed') {
    return;
  }
  if (inherited !== undefined) {
    pass({ fd: inherited });
  } else if (address.port === null && isFile(address.address)) {
    handler.prepare(address.address, bound => pass({ address: bound }));
  } else {
    pass({});
  }
}

/** Whether a Unix socket has a file. Names in Linux' abstract namespace begin with NUL, which Node puts behind a directory. */
function isFile(address: string | null): address is string {
  return address !== null && address.startsWith('/') && !address.includes('\0');
}

/**
 * Returns the address on which a worker wants to listen; `undefined` for any other message, such as the acknowledgement
 * of a connection.
 */
function addressIn(message: unknown): ListeningAddress | undefined {
  const request = message as ListenRequest | null | undefined;
  if (request?.act !== 'queryServer') {
    return undefined;
  }
  const { cmd, address, port, addressType, fd } = request;
  if (cmd !== 'NODE_CLUSTER' || typeof fd === 'number') {
    return undefined;
  }
  if (addressType === UNIX) {
    return typeof address === 'string' ? { address, port: null } : undefined;
  }
  return TCP.has(addressType) && typeof port === 'number'
    ? { address: typeof address === 'string' ? address : null, port }
    : undefined;
}
