import { monotonicNow } from '../system/time/monotonic-now.js';
import { isCluster, type RedisNode } from './connection/redis-client.interface.js';
import { redisMessages } from './redis.messages.js';

/** Milliseconds for which an answer is valid, because an operator may change the configuration. */
const LIFE = 10_000;

/** The policy that evicts nothing and refuses writes without room. */
const NO_EVICTION = 'noeviction';

/** The memory configuration and usage of a server, from `INFO memory`. @internal */
export interface MemoryFacts {
  /** The limit in bytes; 0 for none. */
  readonly limit: number;
  /** Used bytes that count against the limit. */
  readonly used: number;
  /** The eviction policy. */
  readonly policy: string;
}

/** Parses the reply to `INFO memory`; returns `undefined` if it lacks the facts. @internal */
export function readMemoryFacts(reply: unknown): MemoryFacts | undefined {
  if (typeof reply !== 'string') {
    return undefined;
  }
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(reply)?.[1];
  const count = (name: string): number => Number(value(name) ?? 0);
  const policy = value('maxmemory_policy');
  const limit = count('maxmemory');
  const used = count('used_memory') - count('mem_not_counted_for_evict');
  return policy !== undefined &&
    /^[a-z-]{1,40}$/.test(policy) &&
    Number.isSafeInteger(limit) &&
    Number.isSafeInteger(used)
    ? { limit, used, policy }
    : undefined;
}

/**
 * Checks whether the servers have memory left, and what they do when it is used up. It asks on each connection, and
 * again when `problems` is read and the last answer is too old.
 *
 * @internal
 */
export class ServerMemory {
  /** The facts of each server with a memory limit. */
  #facts: readonly MemoryFacts[] = [];
  #askedAt = -Infinity;
  /** The policy that the listeners were told of. */
  #told = '';
  readonly #listeners = new Set<(evicting: MemoryFacts) => void>();
  #refusedAt = -Infinity;

  constructor(
    private readonly client: RedisNode,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** The problems, one sentence each. */
  get problems(): readonly string[] {
    if (this.now() - this.#askedAt > LIFE) {
      void this.ask();
    }
    const evicting = this.#evicting;
    return [
      ...(this.#isFull ? [redisMessages.full()] : []),
      ...(evicting ? [redisMessages.evicts(evicting.policy)] : []),
    ];
  }

  /** Calls `listener` if a server evicts keys, now or when it is found out later; once for each policy. */
  onEviction(listener: (evicting: MemoryFacts) => void): void {
    this.#listeners.add(listener);
    if (this.#evicting) {
      listener(this.#evicting);
    }
  }

  /** Called when a server has refused a write because it is full. */
  refused(): void {
    this.#refusedAt = this.now();
  }

  /** Asks the servers. Never rejects: if the Redis user may not run INFO, the facts stay unknown. */
  async ask(): Promise<void> {
    this.#askedAt = this.now();
    const nodes = isCluster(this.client) ? this.client.nodes('master') : [this.client];
    const facts = await Promise.all(nodes.map(factsOf));
    this.#facts = facts.filter(each => each !== undefined && each.limit > 0) as MemoryFacts[];
    const evicting = this.#evicting;
    if (evicting && evicting.policy !== this.#told) {
      this.#listeners.forEach(listener => listener(evicting));
    }
    this.#told = evicting?.policy ?? '';
  }

  get #evicting(): MemoryFacts | undefined {
    return this.#facts.find(({ policy }) => policy !== NO_EVICTION);
  }

  get #isFull(): boolean {
    return (
      this.now() - this.#refusedAt < LIFE ||
      // A server that evicts keys is always almost full, and still accepts writes.
      this.#facts.some(({ policy, used, limit }) => policy === NO_EVICTION && used > limit)
    );
  }
}

async function factsOf(node: RedisNode): Promise<MemoryFacts | undefined> {
  try {
    return readMemoryFacts(await node.call('INFO', 'memory'));
  } catch {
    return undefined;
  }
}
