import type { Worker } from 'node:cluster';

interface ListenRequest {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly address?: unknown;
  readonly addressType?: unknown;
}

/**
 * Delays the request of a worker to listen on a Unix socket until `prepare()` calls its second argument. The primary
 * opens the socket when it receives the request, and Node offers no other hook.
 *
 * If the message has an unexpected form, it is not delayed.
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
      // Node would count a worker that has gone meanwhile as a listener for ever.
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
    // Sockets in Linux' abstract namespace have no file.
    address.startsWith('/')
    ? address
    : undefined;
}
