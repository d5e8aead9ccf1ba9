import type { Logger } from '@nestjs/common';
import type { SharedState } from '../state/shared-state.js';
import { LogLimiter } from '../system/log-limiter.js';
import {
  type AdapterNamespace,
  type AdapterOptions,
  ClusterSocketAdapter,
} from './adapter/cluster-socket-adapter.js';
import { IoLink, type LinkBus } from './adapter/io-link.js';
import { PacketLog, type ReadHistory } from './recovery/packet-log.js';
import { type Recovery, RecoveringAdapter } from './recovery/recovering-adapter.js';
import { SessionStore } from './recovery/session-store.js';
import { socketIoMessages } from './socket-io.messages.js';

/** Where what clients have missed is stored. @internal */
export interface RecoveryStores {
  readonly state: Pick<SharedState, 'get' | 'set'>;
  readonly read: ReadHistory;
  /** Milliseconds for which it is stored. */
  readonly maxAge: number;
}

/**
 * One server of Socket.IO, with its connection to the same server in other workers.
 *
 * @internal
 */
export class LinkedServer {
  readonly link: IoLink;
  readonly #recovery: Recovery | undefined;
  readonly #opened: Promise<void> | undefined;
  readonly #recovering = new Map<string, RecoveringAdapter>();

  /**
   * @param name identifies the server among those of a worker; the same in all workers
   * @param stores with it, sessions are restored
   */
  constructor(
    bus: LinkBus,
    name: string,
    private readonly options: AdapterOptions,
    logger: Pick<Logger, 'warn' | 'error'>,
    stores?: RecoveryStores,
  ) {
    this.link = new IoLink(bus, name);
    if (stores) {
      const { topic } = this.link;
      const failures = new LogLimiter<'event' | 'session'>();
      this.#recovery = {
        log: new PacketLog(bus, stores.read, topic, stores.maxAge),
        sessions: new SessionStore(stores.state, topic, stores.maxAge, error =>
          failures.log('session', further =>
            logger.warn(socketIoMessages.sessionLost(error, further)),
          ),
        ),
        onFailure: error =>
          failures.log('event', further =>
            logger.error(socketIoMessages.notStored(error, further)),
          ),
      };
      this.#opened = this.#recovery.log
        .open((packet, offset) => this.#recovering.get(packet.namespace)?.deliver(packet, offset))
        // Without the backend, events reach the clients of this worker, and the failures are logged.
        .catch(() => {});
    }
  }

  adapterFor(nsp: AdapterNamespace): ClusterSocketAdapter {
    if (!this.#recovery) {
      return new ClusterSocketAdapter(nsp, this.link, this.options);
    }
    const adapter = new RecoveringAdapter(nsp, this.link, this.options, this.#recovery);
    this.#recovering.set(nsp.name, adapter);
    return adapter;
  }

  /** Resolves when this worker takes part. */
  async ready(): Promise<void> {
    await Promise.all([this.link.ready(), this.#opened]);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.link.close(),
      this.#recovery?.log.close(),
      this.#recovery?.sessions.settled(),
    ]);
  }
}
