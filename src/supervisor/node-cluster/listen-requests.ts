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

/** The address types of TCP. */
const TCP: ReadonlySet<unknown> = new Set([4, 6]);

/** The address type, and the port, of a Unix socket. */
const UNIX = -1;

/**
 * Handles the requests of a worker to listen before `node:cluster` does: a socket that the primary has inherited is used
 * instead of a new one, and other Unix sockets are prepared. The primary opens a socket when it receives the request, and
 * Node offers no other hook.
 *
 * If the message has an unexpected form, nothing is done.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/child.js (`_getServer`)
 *
 * @internal
 */
export function handleListenRequests(worker: Worker, handler: ListenRequestHandler): void {
  const child = worker.process;
  const emit = child.emit.bind(child) as (event: string | symbol, ...args: unknown[]) => boolean;
  const handle = (event: string | symbol, ...args: unknown[]): boolean => {
    const address = event === 'internalMessage' ? addressIn(args[0]) : undefined;
    if (address === undefined) {
      return emit(event, ...args);
    }
    const inherited = handler.inherited(address);
    if (inherited === 'closed') {
      return true;
    }
    const emitWith = (change: ListenRequest): boolean =>
      emit(event, { ...(args[0] as ListenRequest), ...change }, ...args.slice(1));
    if (inherited !== undefined) {
      return emitWith({ fd: inherited });
    }
    // Sockets in Linux' abstract namespace have no file.
    if (address.port !== null || !address.address?.startsWith('/')) {
      return emit(event, ...args);
    }
    handler.prepare(address.address, bound => {
      // Node would count a worker that has gone meanwhile as a listener for ever.
      if (child.connected) {
        emitWith({ address: bound });
      }
    });
    return true;
  };
  child.emit = handle as typeof child.emit;
}

/** Returns the address on which a worker wants to listen; `undefined` if the message is no such request. */
function addressIn(message: unknown): ListeningAddress | undefined {
  const { cmd, act, address, port, addressType, fd } = (message ?? {}) as ListenRequest;
  if (cmd !== 'NODE_CLUSTER' || act !== 'queryServer' || typeof fd === 'number') {
    return undefined;
  }
  if (addressType === UNIX) {
    return typeof address === 'string' ? { address, port: null } : undefined;
  }
  return TCP.has(addressType) && typeof port === 'number'
    ? { address: typeof address === 'string' ? address : null, port }
    : undefined;
}
