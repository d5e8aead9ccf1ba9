import type { Worker } from 'node:cluster';

interface ListenRequest {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly address?: unknown;
  readonly addressType?: unknown;
}

/**
 * Holds back what a worker asks `node:cluster` for when it is to listen on a Unix socket, until `prepare()` calls its
 * second argument. The primary opens the socket when it hears of it, and nobody else gets to know.
 *
 * Where the message does not look as expected, nothing is held back.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/child.js (`_getServer`)
 *
 * @internal
 */
export function holdListenRequests(
  worker: Worker,
  prepare: (path: string, listen: () => void) => void,
): void {
  const child = worker.process;
  const emit = child.emit.bind(child) as (event: string | symbol, ...args: unknown[]) => boolean;
  const hold = (event: string | symbol, ...args: unknown[]): boolean => {
    const path = event === 'internalMessage' ? socketPathIn(args[0]) : undefined;
    if (path === undefined) {
      return emit(event, ...args);
    }
    prepare(path, () => {
      // A worker that is gone by now would be one that listens for ever.
      if (child.connected) {
        emit(event, ...args);
      }
    });
    return true;
  };
  child.emit = hold as typeof child.emit;
}

function socketPathIn(message: unknown): string | undefined {
  const { cmd, act, address, addressType } = (message ?? {}) as ListenRequest;
  return cmd === 'NODE_CLUSTER' &&
    act === 'queryServer' &&
    addressType === -1 &&
    typeof address === 'string' &&
    // Not a socket of Linux' abstract namespace, which has no file.
    address.startsWith('/')
    ? address
    : undefined;
}
