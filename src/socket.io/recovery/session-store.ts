import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from 'socket.io-adapter';
import type { SharedState } from '../../state/shared-state.js';
import { type BinaryJson, fromBinaryJson, toBinaryJson } from '../adapter/binary-json.js';

/** What is stored of a disconnected socket. @internal */
export type StoredSession = Omit<Session, 'missedPackets'>;

/** The private id of a session, as Socket.IO makes it. It comes from a client. */
const PRIVATE_ID = /^[\w-]{1,64}$/;

/** Milliseconds between two attempts to read a session. */
const RETRY_MILLISECONDS = 50;

/** A client may connect again before the end of its connection has been noticed. */
const ATTEMPTS = 6;

/**
 * The sessions of disconnected sockets, in the shared state.
 *
 * @internal
 */
export class SessionStore {
  readonly #pending = new Set<Promise<void>>();

  /**
   * @param ttl milliseconds for which a session is stored
   */
  constructor(
    private readonly state: Pick<SharedState, 'get' | 'set'>,
    private readonly prefix: string,
    private readonly ttl: number,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Stores a session. A failure is reported to `onFailure`: the client then begins a new session. */
  save(namespace: string, session: StoredSession): void {
    const saved = this.#save(namespace, session).catch(this.onFailure);
    this.#pending.add(saved);
    void saved.finally(() => this.#pending.delete(saved));
  }

  /** Returns a session; `undefined` if there is none. */
  async find(namespace: string, privateId: string): Promise<StoredSession | undefined> {
    if (!PRIVATE_ID.test(privateId)) {
      return undefined;
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const stored = await this.state.get<BinaryJson>(this.#key(namespace, privateId));
      if (stored) {
        return fromBinaryJson(stored) as StoredSession;
      }
      if (attempt < ATTEMPTS) {
        await delay(RETRY_MILLISECONDS);
      }
    }
    return undefined;
  }

  /** Resolves when all sessions are stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #save(namespace: string, session: StoredSession): Promise<void> {
    const key = this.#key(namespace, session.pid);
    await this.state.set(key, toBinaryJson(session), { ttl: this.ttl });
  }

  #key(namespace: string, privateId: string): string {
    return `${this.prefix} session ${privateId} ${namespace}`;
  }
}
