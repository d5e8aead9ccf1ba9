import { rmdirSync } from 'node:fs';
import type { Logger } from '@nestjs/common';
import type { Runtime } from '../runtime/runtime.js';
import { forwardMessages } from './forward.messages.js';
import { forwardProtocol, type PrivateSockets } from './forward.protocol.js';
import { privateSocketPath } from './private-socket-path.js';

/**
 * The private socket of this worker, on which other workers reach it. It is opened when the worker has a slot.
 *
 * @internal
 */
export class PrivateSocket {
  #sockets: PrivateSockets | undefined;
  #opened: Promise<PrivateSockets> | undefined;
  #listening: Promise<void> | undefined;
  #hasFailed = false;
  #isClosed = false;

  /** @param listen listens on a path */
  constructor(
    private readonly runtime: Pick<Runtime, 'host' | 'standby' | 'worker'>,
    private readonly listen: (path: string) => Promise<void>,
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** Where the private sockets of this host are; `undefined` as long as this worker does not know. */
  get sockets(): PrivateSockets | undefined {
    return this.#sockets;
  }

  /**
   * Resolves when this worker knows where the private sockets are. After a failure, which is logged once, the next call
   * tries again.
   *
   * @throws PrimaryRequestError if there is no directory for them; another error if it is closed meanwhile
   */
  open(): Promise<PrivateSockets> {
    this.#opened ??= this.#open().catch((error: unknown) => this.#fail(error));
    return this.#opened;
  }

  /**
   * Resolves when this worker listens: no other worker may learn of a session before.
   *
   * @throws if it cannot
   */
  async ready(): Promise<PrivateSockets> {
    const sockets = await this.open();
    await this.#listening;
    return sockets;
  }

  /** Called when the server is closed. */
  close(): void {
    this.#isClosed = true;
    if (this.#sockets && !process.connected) {
      // The primary has ended, perhaps without a chance to remove the directory. Only the last worker can.
      try {
        rmdirSync(this.#sockets.directory);
      } catch {}
    }
  }

  async #open(): Promise<PrivateSockets> {
    const { standby, worker } = this.runtime;
    const sockets = await this.#ask();
    this.#refuseIfClosed();
    this.#sockets = sockets;
    const path = privateSocketPath(sockets.directory, worker.id);
    const placed = new Promise<void>(resolve => standby.whenPlaced(resolve));
    this.#listening = placed
      .then(() => {
        this.#refuseIfClosed();
        return this.listen(path);
      })
      .catch((error: unknown) => this.#fail(error));
    this.#listening.catch(() => {});
    return sockets;
  }

  async #ask(): Promise<PrivateSockets> {
    const { host, worker } = this.runtime;
    const channel = host.channel.open(forwardProtocol, () => {});
    try {
      return await channel.ask('privateSockets', { worker: worker.id });
    } finally {
      channel.close();
    }
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) {
      throw new Error('closed');
    }
  }

  #fail(error: unknown): never {
    this.#opened = undefined;
    if (!this.#hasFailed && !this.#isClosed) {
      this.#hasFailed = true;
      this.logger.error(forwardMessages.notOpened(error));
    }
    throw error;
  }
}
