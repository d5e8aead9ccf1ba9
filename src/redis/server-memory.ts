import { monotonicNow } from '../system/time/monotonic-now.js';
import { isCluster, type RedisNode } from './connection/redis-client.interface.js';
import { redisMessages } from './redis.messages.js';

/** Milliseconds for which an answer holds: an operator may change what it is about. */
const LIFE = 10_000;

/** Evicts nothing, and refuses what there is no room for. */
const NO_EVICTION = 'noeviction';

/** What `INFO memory` says of a server. @internal */
export interface MemoryFacts {
  /** Bytes; 0 for no bound. */
  readonly limit: number;
  /** Bytes that count against it. */
  readonly used: number;
  /** What it does when they are used up. */
  readonly policy: string;
}

/** Reads `INFO memory`; `undefined` for what says nothing of it. @internal */
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
 * Whether the servers have room, and what they do when they have not: asked when they are connected, and again now and
 * then while somebody wants to know.
 *
 * @internal
 */
export class ServerMemory {
  /** Of each server that is bounded. */
  #facts: readonly MemoryFacts[] = [];
  #askedAt = -Infinity;
  #warnedOf = '';
  #refusedAt = -Infinity;

  constructor(
    private readonly client: RedisNode,
    private readonly warn: (message: string) => void,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** What is the matter, a sentence each. */
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

  /** The server has refused something for want of memory. */
  refused(): void {
    this.#refusedAt = this.now();
  }

  /** Never rejects: a user that may not ask does not get to know. */
  async ask(): Promise<void> {
    this.#askedAt = this.now();
    const nodes = isCluster(this.client) ? this.client.nodes('master') : [this.client];
    const facts = await Promise.all(nodes.map(factsOf));
    this.#facts = facts.filter(each => each !== undefined && each.limit > 0) as MemoryFacts[];
    const evicting = this.#evicting;
    if (evicting && evicting.policy !== this.#warnedOf) {
      this.warn(redisMessages.evictionWarning(evicting.policy, evicting.limit));
    }
    this.#warnedOf = evicting?.policy ?? '';
  }

  get #evicting(): MemoryFacts | undefined {
    return this.#facts.find(({ policy }) => policy !== NO_EVICTION);
  }

  get #isFull(): boolean {
    return (
      this.now() - this.#refusedAt < LIFE ||
      // One that evicts is always about full, and goes on.
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
