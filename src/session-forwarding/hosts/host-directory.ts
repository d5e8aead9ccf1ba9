import { randomBytes } from 'node:crypto';
import type { SharedState } from '../../state/shared-state.js';
import { pause, systemClock } from '../../system/time/clock.js';
import { boolean, integer, matching, text } from '../../validation/shape/scalars.js';
import { object } from '../../validation/shape/structures.js';
import type { HostPlace } from './host-address.js';

const NAME = '$nestjs-cluster.socket.io';

const SECRET = `${NAME}.secret`;

/** Milliseconds between two announcements, and until one expires by the clock of Redis. */
const BEAT = 5_000;
const TTL = 15_000;

/** Milliseconds between two reads for hosts that are unknown: the ids of sessions may be forged. */
const READ_INTERVAL = 100;

const SECRET_BYTES = 32;

const placeShape = object<HostPlace>({
  host: text({ minLength: 1, maxLength: 255 }),
  port: integer({ min: 1, max: 65_535 }),
  secure: boolean,
});

const secretShape = matching(/^[0-9a-f]{64}$/, 'a secret');

/**
 * The servers of all hosts of the namespace, and the secret that the hosts share, in Redis.
 *
 * @internal
 */
export class HostDirectory {
  readonly #own = new Map<string, HostPlace>();
  readonly #timer: NodeJS.Timeout;
  #known = new Map<string, HostPlace>();
  #readAt = -Infinity;
  /** The next read, which has not begun. */
  #next: Promise<void> | undefined;
  #secret: string | undefined;

  constructor(private readonly state: Pick<SharedState, 'map' | 'get' | 'setIfAbsent'>) {
    this.#timer = setInterval(() => void this.refresh(), BEAT).unref();
  }

  /** The secret; `undefined` as long as Redis has not told it. */
  get secret(): string | undefined {
    return this.#secret;
  }

  /** Announces a server of this host, from now on. Does not reject: it is repeated. */
  async add(host: string, server: string, place: HostPlace): Promise<void> {
    this.#own.set(fieldOf(host, server), place);
    await this.refresh();
  }

  /** Reads the secret, and renews the announcements. Does not reject: it is repeated. */
  async refresh(): Promise<void> {
    const map = this.state.map<HostPlace>(NAME);
    await Promise.allSettled([
      this.#shareSecret(),
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

  close(): void {
    clearInterval(this.#timer);
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

  /** If Redis has lost the secret, the hosts that know it store it again. */
  async #shareSecret(): Promise<void> {
    const own = this.#secret ?? randomBytes(SECRET_BYTES).toString('hex');
    await this.state.setIfAbsent(SECRET, own);
    const secret = await this.state.get<string>(SECRET);
    this.#secret = secretShape(secret) ? undefined : secret;
  }
}

function fieldOf(host: string, server: string): string {
  return `${host} ${server}`;
}
