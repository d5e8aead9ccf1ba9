import type { SharedState } from '../../state/shared-state.js';
import { pause, systemClock } from '../../system/time/clock.js';
import { boolean, integer, text } from '../../validation/shape/scalars.js';
import { object } from '../../validation/shape/structures.js';
import type { HostPlace } from './host-address.js';
import { HostSecret } from './host-secret.js';

const NAME = '$nestjs-cluster.socket.io';

const SECRET = `${NAME}.secret`;

/** Milliseconds between two announcements, and until one expires by the clock of Redis. */
const BEAT = 5_000;
const TTL = 15_000;

/** Milliseconds between two reads for hosts that are unknown: the ids of sessions may be forged. */
const READ_INTERVAL = 100;

const placeShape = object<HostPlace>({
  host: text({ minLength: 1, maxLength: 255 }),
  port: integer({ min: 1, max: 65_535 }),
  secure: boolean,
});

/**
 * The servers of all hosts of the namespace, in Redis.
 *
 * @internal
 */
export class HostDirectory {
  readonly #own = new Map<string, HostPlace>();
  readonly #secret: HostSecret;
  readonly #timer: NodeJS.Timeout;
  #known = new Map<string, HostPlace>();
  #readAt = -Infinity;
  /** The next read, which has not begun. */
  #next: Promise<void> | undefined;

  constructor(private readonly state: Pick<SharedState, 'map' | 'get' | 'setIfAbsent'>) {
    this.#secret = new HostSecret(state, SECRET);
    this.#timer = setInterval(() => void this.refresh(), BEAT).unref();
  }

  /** The secret of the namespace; `undefined` as long as Redis has not told it. */
  get secret(): string | undefined {
    return this.#secret.value;
  }

  /** Announces the servers of this host, from now on. Does not reject: it is repeated. */
  async add(host: string, servers: ReadonlyMap<string, HostPlace>): Promise<void> {
    servers.forEach((place, server) => this.#own.set(fieldOf(host, server), place));
    await this.refresh();
  }

  /** Reads the secret, and renews the announcements. Does not reject: it is repeated. */
  async refresh(): Promise<void> {
    const map = this.state.map<HostPlace>(NAME);
    await Promise.allSettled([
      this.#secret.share(),
      ...[...this.#own].map(([field, place]) => map.set(field, place, { ttl: TTL })),
    ]);
  }

  /** Returns the place of a server; `undefined` if it is unknown, or Redis does not answer. Never rejects. */
  async find(host: string, server: string): Promise<HostPlace | undefined> {
    const field = fieldOf(host, server);
    if (!this.#known.has(field) || systemClock.now() - this.#readAt > TTL) {
      this.#next ??= this.#readSoon();
      await this.#next;
    }
    return this.#known.get(field);
  }

  /** Forgets a server that could not be reached: its host may have ended. If it is still announced, it is found again. */
  forget(host: string, server: string): void {
    this.#known.delete(fieldOf(host, server));
  }

  /**
   * Ends the announcements. Does not reject.
   *
   * @param withdraws whether the other hosts forget this one at once. Other workers of this host may still announce it
   */
  async close(withdraws = false): Promise<void> {
    clearInterval(this.#timer);
    if (withdraws) {
      const map = this.state.map(NAME);
      await Promise.allSettled([...this.#own.keys()].map(field => map.delete(field)));
    }
  }

  async #readSoon(): Promise<void> {
    await pause(systemClock, Math.max(0, this.#readAt + READ_INTERVAL - systemClock.now()));
    this.#next = undefined;
    this.#readAt = systemClock.now();
    try {
      const entries = await this.state.map(NAME).entries();
      const valid = entries.filter(([, place]) => !placeShape(place));
      this.#known = new Map(valid as [string, HostPlace][]);
    } catch {
      // What is known may still be right.
    }
  }
}

function fieldOf(host: string, server: string): string {
  return `${host} ${server}`;
}
