import { EventEmitter } from 'node:events';
import { ServiceUnavailableException } from '@nestjs/common';
import type { SessionData, Store } from 'express-session';
import { StateFullError } from '../model/errors/state-full.error.js';
import { StateInputError } from '../model/errors/state-input.error.js';
import { StateOutageError } from '../model/errors/state-outage.error.js';
import { MAX_DURATION } from '../state/max-duration.js';
import { fromJson, toJson } from '../state/json-value.js';
import { perform } from '../state/objects/perform.js';
import type { SharedState } from '../state/shared-state.js';
import { SESSION_RULES, stateInput } from '../state/state.validation.js';
import { looseJsonText } from '../system/text/json-text.js';
import { systemClock } from '../system/time/clock.js';
import { inheritStore } from './inherit-store.js';

/** Options of `ClusterSessionStore`. @publicApi */
export interface ClusterSessionStoreOptions {
  /** The beginning of the keys of the sessions in the shared state. @defaultValue 'session:' */
  readonly prefix?: string | undefined;
  /** Milliseconds after which a session expires whose cookie has no expiry. @defaultValue 86400000, one day */
  readonly ttl?: number | undefined;
  /**
   * What happens while the backend of the shared state does not answer: with `'refuse'`, requests fail with status 503;
   * with `'allow'`, they have no session, and changes of sessions are lost. Destroying a session always fails. While the
   * backend is only full, sessions can be read and destroyed, and the option applies to changes.
   *
   * @defaultValue 'refuse'
   */
  readonly onOutage?: 'allow' | 'refuse' | undefined;
}

/** What the methods of the store call when they have ended. @publicApi */
export type SessionCallback<T = void> = (error?: unknown, value?: T) => void;

const PREFIX = 'session:';

const ONE_DAY = 86_400_000;

/** A session in the shared state. */
const A_SESSION = 'a session';

/** Stored for a session that was destroyed, so that a request that still has it does not store it again. */
const DESTROYED = '"destroyed"';

/** Milliseconds for which that is remembered. */
const DESTROYED_TTL = 3_600_000;

const UNREACHABLE = 'The session cannot be reached. Try again later.';

const FULL =
  'The session cannot be stored, because the memory of the shared state is full. Try again later.';

/** The longest session in bytes. */
const MAX_BYTES = 1024 * 1024;

/** The number of sessions that are read at the same time. */
const AT_ONCE = 500;

/**
 * A store for express-session, and so for Passport, and for `@fastify/session`. All workers share the sessions, and with
 * Redis all hosts.
 *
 * ```ts
 * app.use(session({ store: new ClusterSessionStore(app.get(SharedState)), secret, resave: false, saveUninitialized: false }));
 * ```
 *
 * @publicApi
 */
export class ClusterSessionStore extends EventEmitter {
  /** Creates the session of a request from its data. Inherited from `Store` of express-session. */
  declare readonly createSession: Store['createSession'];
  /** Loads a session. Inherited from `Store` of express-session. */
  declare readonly load: Store['load'];
  /** Replaces the session of a request by a new one. Inherited from `Store` of express-session. */
  declare readonly regenerate: Store['regenerate'];
  readonly #prefix: string;
  readonly #ttl: number;
  readonly #onOutage: 'allow' | 'refuse';

  /** @throws StateInputError for an invalid option */
  constructor(
    private readonly state: SharedState,
    options: ClusterSessionStoreOptions = {},
  ) {
    inheritStore(ClusterSessionStore.prototype);
    super();
    const {
      prefix = PREFIX,
      ttl = ONE_DAY,
      onOutage = 'refuse',
    } = stateInput.options(SESSION_RULES, 'the session store', 'session', options);
    this.#prefix = prefix;
    this.#ttl = ttl;
    this.#onOutage = onOutage;
  }

  /** Gets a session; `null` if there is none. */
  get(id: string, callback: SessionCallback<SessionData | null>): void {
    this.#answer(callback, null, () => this.#get(id));
  }

  /**
   * Stores a session, unless it was destroyed. Values that JSON does not have become what `JSON.stringify()` makes of
   * them, as in other stores.
   */
  set(id: string, session: SessionData, callback?: SessionCallback): void {
    this.#answer(callback, undefined, async () => {
      const key = this.#prefix + id;
      const ttl = this.#ttlOf(session);
      if (ttl <= 0) {
        await this.#destroy(id);
        return;
      }
      await perform(this.state.stateClient, A_SESSION, {
        name: 'set',
        key,
        value: toJson(key, session, MAX_BYTES, tooLong, looseJsonText),
        ttl,
        unless: DESTROYED,
      });
    });
  }

  /** Destroys a session. A request that still has it cannot store it again. */
  destroy(id: string, callback?: SessionCallback): void {
    this.#answer(callback, undefined, () => this.#destroy(id), 'refuse');
  }

  /** Has the time to live of a session start again. */
  touch(id: string, session: SessionData, callback?: SessionCallback): void {
    this.#answer(callback, undefined, async () => {
      const ttl = this.#ttlOf(session);
      // A destroyed session is remembered for as long as before.
      if (ttl > 0 && (await this.#get(id))) {
        await this.state.expire(this.#prefix + id, ttl);
      }
    });
  }

  /** Gets all sessions. */
  all(callback: SessionCallback<SessionData[]>): void {
    this.#answer(callback, [], () => this.#all());
  }

  /** Gets the number of sessions. */
  length(callback: SessionCallback<number>): void {
    this.#answer(callback, 0, async () => (await this.#all()).length);
  }

  /** Deletes all sessions. */
  clear(callback?: SessionCallback): void {
    this.#answer(
      callback,
      undefined,
      async () => {
        for await (const key of this.state.keys(this.#prefix)) {
          await this.#destroy(key.slice(this.#prefix.length));
        }
      },
      'refuse',
    );
  }

  async #get(id: string): Promise<SessionData | null> {
    const key = this.#prefix + id;
    const text = await perform(this.state.stateClient, A_SESSION, { name: 'get', key });
    return text === null || text === DESTROYED ? null : (fromJson(key, text) as SessionData);
  }

  async #destroy(id: string): Promise<void> {
    // Nothing is remembered of a session that was never stored.
    const key = this.#prefix + id;
    if (!(await perform(this.state.stateClient, A_SESSION, { name: 'has', key }))) {
      return;
    }
    // A full backend accepts this, because sessions are longer.
    await perform(this.state.stateClient, A_SESSION, {
      name: 'set',
      key,
      value: DESTROYED,
      ttl: DESTROYED_TTL,
    });
  }

  async #all(): Promise<SessionData[]> {
    const ids = new Set<string>();
    for await (const key of this.state.keys(this.#prefix)) {
      ids.add(key.slice(this.#prefix.length));
    }
    const sessions: SessionData[] = [];
    const left = [...ids];
    while (left.length > 0) {
      const some = await Promise.all(left.splice(0, AT_ONCE).map(id => this.#get(id)));
      sessions.push(...some.filter(session => session !== null));
    }
    return sessions;
  }

  /** Returns the milliseconds that a session has left. */
  #ttlOf({ cookie }: Partial<SessionData>): number {
    const expires = cookie?.expires;
    if (!expires) {
      return this.#ttl;
    }
    const left = Math.ceil(new Date(expires).getTime() - systemClock.wallTime());
    return Number.isNaN(left) ? this.#ttl : Math.min(left, MAX_DURATION);
  }

  /** Calls back with the result, or with what the option says about an outage. */
  #answer<T>(
    callback: SessionCallback<T> | undefined,
    otherwise: T,
    work: () => Promise<T>,
    onOutage = this.#onOutage,
  ): void {
    // In a turn of its own: an error of the callback must not count as one of the store.
    this.#outcome(otherwise, work, onOutage).then(
      value => process.nextTick(() => callback?.(null, value)),
      (error: unknown) => process.nextTick(() => callback?.(error)),
    );
  }

  async #outcome<T>(
    otherwise: T,
    work: () => Promise<T>,
    onOutage: 'allow' | 'refuse',
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StateOutageError)) {
        throw error;
      }
      if (onOutage === 'allow') {
        return otherwise;
      }
      throw new ServiceUnavailableException(error instanceof StateFullError ? FULL : UNREACHABLE, {
        cause: error,
      });
    }
  }
}

function tooLong(key: string, bytes: number): StateInputError {
  return new StateInputError(
    key,
    `The session at "${key}" is ${bytes} bytes long as JSON; the maximum of a session is ${MAX_BYTES}. Store large data in the shared state, and only its key in the session.`,
  );
}
