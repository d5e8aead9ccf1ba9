import { createServer } from 'node:net';
import type { PortAddress } from '../ipc/supervision.protocol.js';
import type { WorkerHandle } from './workers/handle/worker-handle.js';

type Claimant = Pick<WorkerHandle, 'exit'>;

interface Claim {
  readonly isFree: Promise<boolean>;
  /** The workers that may listen on the port. */
  readonly workers: Set<Claimant>;
}

/**
 * The ports on which workers listen with sockets of their own (`reuse-port`). The kernel lets every process of the same
 * user listen on such a port. So before the first worker listens, this class checks that no other host does.
 *
 * @internal
 */
export class PortClaims {
  readonly #claims = new Map<number, Claim>();

  /** @param isFree whether no process listens on the address, this host included */
  constructor(private readonly isFree: (address: PortAddress) => Promise<boolean> = canListen) {}

  /** Returns whether the worker may listen on the address. The claim ends when the worker exits. */
  async claim(worker: Claimant, address: PortAddress): Promise<boolean> {
    const claim = this.#claimOf(address);
    claim.workers.add(worker);
    const isFree = await claim.isFree;
    if (!isFree) {
      claim.workers.clear();
    }
    return isFree;
  }

  #claimOf(address: PortAddress): Claim {
    const earlier = this.#claims.get(address.port);
    for (const worker of earlier?.workers ?? []) {
      if (worker.exit) {
        earlier?.workers.delete(worker);
      }
    }
    if (earlier && earlier.workers.size > 0) {
      return earlier;
    }
    // One after the other, because two checks at a time would find each other.
    const isFree = Promise.resolve(earlier?.isFree).then(() => this.isFree(address));
    const claim = { isFree, workers: new Set<Claimant>() };
    this.#claims.set(address.port, claim);
    return claim;
  }
}

/**
 * Returns whether this process can listen on the address without `SO_REUSEPORT`. Errors other than a port in use are left
 * to the server that listens afterwards.
 *
 * @internal
 */
export function canListen({ address, port, ipv6Only }: PortAddress): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.once('listening', () => {
      // Not at once: a server without a handle would look like one of `node:cluster` to `ListeningSockets`.
      process.nextTick(() => server.close(() => resolve(true)));
    });
    server.listen({ port, ipv6Only, ...(address !== null && { host: address }) });
  });
}
