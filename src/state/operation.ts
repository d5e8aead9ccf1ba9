/** The types of values at user keys. @internal */
export type Kind = 'value' | 'map' | 'leaderboard';

/** A number of consecutive increments by the same delta. @internal */
export type Run = readonly [delta: number, count: number];

/**
 * All operations of a backend, with their parameters (`takes`) and results (`gives`). All executors implement them.
 * Values are JSON texts, times are milliseconds.
 *
 * @internal
 */
export interface Operations {
  // Values

  get: { takes: { key: string }; gives: string | null };
  has: { takes: { key: string }; gives: boolean };
  /** Stores a value. With `unless`, not if the key holds this text. Returns whether it was stored. */
  set: {
    takes: { key: string; value: string; ttl?: number; unless?: string };
    gives: boolean;
  };
  setIfAbsent: { takes: { key: string; value: string; ttl?: number }; gives: boolean };
  /**
   * Stores `value` if the key still holds `expected` (`null` for nothing); with `value: null`, deletes it. Without
   * `ttl`, the time to live continues.
   */
  replace: {
    takes: { key: string; expected: string | null; value: string | null; ttl?: number };
    gives: boolean;
  };
  /** Deletes a key. With `only`, fails if the key has another type. */
  delete: { takes: { key: string; only?: Kind }; gives: boolean };
  /** Returns the milliseconds after which a key of any type expires; `null` if never, or if there is none. */
  ttl: { takes: { key: string }; gives: number | null };
  /** Makes a key of any type expire after `ttl`; with `null`, never. Returns whether the key exists. */
  expire: { takes: { key: string; ttl: number | null }; gives: boolean };

  // Counters

  /**
   * Applies the runs, delta by delta. Returns `total` if all were within the bounds; otherwise the value
   * after each, with `null` for those that were not applied.
   */
  increment: {
    takes: { key: string; runs: readonly Run[]; min: number; max: number; ttl?: number };
    gives: { total: number } | { values: readonly (number | null)[] };
  };

  // Maps

  mapGet: { takes: { key: string; field: string }; gives: string | null };
  mapHas: { takes: { key: string; field: string }; gives: boolean };
  /** Sets a field, which expires after `ttl`; without it, never. Returns whether the field is new. */
  mapSet: { takes: { key: string; field: string; value: string; ttl?: number }; gives: boolean };
  mapDelete: { takes: { key: string; field: string }; gives: boolean };
  mapIncrement: { takes: { key: string; field: string; by: number }; gives: number };
  mapEntries: { takes: { key: string }; gives: readonly (readonly [string, string])[] };
  mapSize: { takes: { key: string }; gives: number };

  // Leaderboards

  scoreSet: { takes: { key: string; member: string; score: number }; gives: boolean };
  scoreIncrement: { takes: { key: string; member: string; by: number }; gives: number };
  scoreRemove: { takes: { key: string; member: string }; gives: boolean };
  scoreGet: { takes: { key: string; member: string }; gives: number | null };
  scoreRank: { takes: { key: string; member: string }; gives: number | null };
  scoreTop: {
    takes: { key: string; count: number };
    gives: readonly (readonly [string, number])[];
  };
  scoreSize: { takes: { key: string }; gives: number };

  // Locks

  /**
   * Acquires a lock for `lease`, or renews it. If it is not free and `wait` is more than 0, the owner is queued for
   * that long, and gets a notification when it is granted the lock.
   */
  lockAcquire: {
    takes: { key: string; owner: string; lease: number; wait: number };
    gives: LockAnswer;
  };
  /** Restarts the lease, if the owner still has the lock. */
  lockRenew: { takes: { key: string; owner: string; lease: number }; gives: boolean };
  /** Releases the lock to the next owner in the queue, or removes the owner from the queue. */
  lockRelease: { takes: { key: string; owner: string }; gives: boolean };
  /** Returns the locks and semaphores that a client holds or waits for, in the partition of the key: `[lock, owner]`. */
  lockHeld: {
    takes: { key: string; client: string };
    gives: readonly (readonly [string, string])[];
  };

  // Semaphores

  /** As `lockAcquire`, for one of the permits of a semaphore. */
  permitAcquire: {
    takes: { key: string; owner: string; permits: number; lease: number; wait: number };
    gives: LockAnswer;
  };
  permitRenew: { takes: { key: string; owner: string; lease: number }; gives: boolean };
  /** As `lockRelease`. Without `permits`, as many permits are granted as this makes free. */
  permitRelease: { takes: { key: string; owner: string; permits?: number }; gives: boolean };

  // Rate limits

  /** Counts `count` hits of a rate limit at once, each of `cost`. As many are allowed as the window has room for. */
  hit: {
    takes: { key: string; count: number; cost?: number; limit: number; window: number };
    gives: { allowed: number; remaining: number; resetAfter: number };
  };
  /** Returns the state of a rate limit, and counts nothing. */
  hitPeek: {
    takes: { key: string; limit: number; window: number };
    gives: { remaining: number; resetAfter: number };
  };
  /** Forgets all hits of a rate limit. Returns whether there were any. */
  hitReset: { takes: { key: string }; gives: boolean };

  // Throttlers

  /**
   * Counts `count` hits of a throttler at once, each of which expires after `ttl`. With `block` > 0, a hit above the limit
   * blocks for that long, and later hits are not stored until then; otherwise, hits above the limit are not stored.
   * Result: the hits before, the index of the first hit that is refused, the time until the window ends, and the time
   * for which hits are refused. With `isBlocked`, all of them are refused because of an earlier one.
   */
  throttle: {
    takes: {
      key: string;
      throttler: string;
      count: number;
      ttl: number;
      limit: number;
      block: number;
    };
    gives: {
      before: number;
      first: number;
      expiresIn: number;
      blockedFor: number;
      isBlocked: boolean;
    };
  };

  // Caches

  /**
   * Returns an entry, the time for which it is fresh (`null` for ever, 0 or less while it is stale) and its
   * version, and marks it as used.
   */
  cacheGet: {
    takes: { key: string; field: string };
    gives: { value: string; freshFor: number | null; version: number } | null;
  };
  /**
   * Stores an entry, which is fresh for `ttl` and then stale for `stale`, and removes the least recently used entries above
   * the limits. Returns the version, which is greater than that of the entry before; 0, and stores nothing, if the entry
   * alone is larger than `maxBytes`.
   */
  cacheSet: {
    takes: {
      key: string;
      field: string;
      value: string;
      ttl?: number;
      stale: number;
      maxEntries: number;
      maxBytes?: number;
    };
    gives: number;
  };
  cacheDelete: { takes: { key: string; field: string }; gives: boolean };
  cacheKeys: { takes: { key: string; prefix: string }; gives: readonly string[] };
  /** Deletes the entries whose keys begin with `prefix`. Returns whether there were any. */
  cacheClear: { takes: { key: string; prefix: string }; gives: boolean };

  // Topic logs

  /**
   * Appends an event (a JSON text) and returns its offset. At most `keep` events stay, none older than
   * `maxAge`, and together about `maxBytes` at most. The last event always stays.
   */
  append: {
    takes: { key: string; event: string; keep: number; maxAge?: number; maxBytes?: number };
    gives: string;
  };
  /** Returns the next events after an offset, limited in number and size. `last` is the newest offset. */
  history: {
    takes: { key: string; after: string; count: number };
    gives: { entries: readonly LogEntry[]; last: string; follows: boolean };
  };
  newest: { takes: { key: string }; gives: LogEntry | null };
  /** Describes a log and its groups; `null` if it does not exist. */
  historyFacts: { takes: { key: string }; gives: HistoryFacts | null };
  /** Deletes a log with its groups. Returns whether it existed. */
  historyDelete: { takes: { key: string }; gives: boolean };

  // Consumer groups, in which each event goes to one member

  /** Creates a group at the end of the log. Returns whether it is new. */
  groupJoin: { takes: { key: string; group: string }; gives: boolean };
  /**
   * Takes the next events, which are pending for the member until `groupDone`; with `again`, returns those that are
   * already pending for it. `missed` events were trimmed before they could be taken. A group that was lost is created
   * again, at the beginning of the log.
   */
  groupTake: {
    takes: { key: string; group: string; member: string; count: number; again: boolean };
    gives: { entries: readonly LogEntry[]; missed: number };
  };
  /** Acknowledges events, pending for any member. Returns how many were pending. */
  groupDone: { takes: { key: string; group: string; offsets: readonly string[] }; gives: number };
  /** Returns the members that may have pending events. */
  groupMembers: { takes: { key: string; group: string }; gives: readonly string[] };
  /** Moves the pending events of the `dead` members to `member`; `missed` as for `groupTake`. */
  groupInherit: {
    takes: { key: string; group: string; member: string; dead: readonly string[] };
    gives: { inherited: number; missed: number };
  };
  /** Removes a member. Returns false if it has pending events, which others then inherit. */
  groupLeave: { takes: { key: string; group: string; member: string }; gives: boolean };
  /** Deletes a group. Returns whether it existed. */
  groupDelete: { takes: { key: string; group: string }; gives: boolean };
}

/** @internal */
export interface HistoryFacts {
  /** Number of stored events. */
  readonly length: number;
  /** The newest offset. */
  readonly last: string;
  readonly groups: readonly GroupFacts[];
}

/** `pending` events are taken and not acknowledged; `waiting` events are stored and not taken. @internal */
export type GroupFacts = readonly [name: string, pending: number, waiting: number];

/** @internal */
export type LogEntry = readonly [offset: string, event: string];

/** @internal */
export type LockAnswer =
  | { readonly token: number }
  /** Milliseconds after which the lock is free, if its holder does not renew it. */
  | { readonly heldFor: number };

/** @internal */
export type OperationName = keyof Operations;

/** @internal */
export type Operation<Name extends OperationName = OperationName> = {
  [Each in Name]: { readonly name: Each } & Readonly<Operations[Each]['takes']>;
}[Name];

/** The reason why a single operation was not applied. @internal */
export interface OperationFailure {
  readonly failed: 'type' | 'integer' | 'range' | 'full' | 'large' | 'backend';
  /** The type at the key, the memory that is full, what is too large to be read, or the error of the backend. */
  readonly found: string;
}

/** The result of an operation, or its failure. @internal */
export type OperationResult<Name extends OperationName = OperationName> =
  Operations[Name]['gives'] | OperationFailure;

/**
 * The result for one caller. For a coalesced increment: the value after the caller's own increment, or `null` if that
 * was not applied.
 *
 * @internal
 */
export type CallResult<Name extends OperationName = OperationName> = Name extends 'increment'
  ? number | null
  : Name extends 'throttle'
    ? ThrottledHit
    : Operations[Name]['gives'];

/** The result of one hit of a throttler; times in milliseconds. @internal */
export interface ThrottledHit {
  readonly totalHits: number;
  readonly expiresIn: number;
  readonly isBlocked: boolean;
  readonly blockedFor: number;
}

/** @internal */
export function isFailure(result: unknown): result is OperationFailure {
  return typeof result === 'object' && result !== null && 'failed' in result;
}

const READS: ReadonlySet<OperationName> = new Set([
  'get',
  'has',
  'ttl',
  'mapGet',
  'mapHas',
  'mapEntries',
  'mapSize',
  'scoreGet',
  'scoreRank',
  'scoreTop',
  'scoreSize',
  'lockHeld',
  'hitPeek',
  'cacheGet',
  'cacheKeys',
  'history',
  'newest',
  'historyFacts',
  'groupMembers',
]);

/** Returns whether an operation only reads, so that it can be repeated. @internal */
export function isRead({ name }: Pick<Operation, 'name'>): boolean {
  return READS.has(name);
}

const COLLECTION_READS: ReadonlySet<OperationName> = new Set([
  'mapEntries',
  'scoreTop',
  'lockHeld',
  'cacheKeys',
]);

/** Returns whether an operation reads a collection whose elements were stored one by one. @internal */
export function isCollectionRead({ name }: Operation): boolean {
  return COLLECTION_READS.has(name);
}

const ORDERED: ReadonlySet<OperationName> = new Set(['append']);

/** Returns whether calls must be applied in their order, even if attempts fail. @internal */
export function isOrdered({ name }: Operation): boolean {
  return ORDERED.has(name);
}

/** The method that users call, as errors name it. */
const METHODS: Record<OperationName, string> = {
  get: 'get',
  has: 'has',
  set: 'set',
  setIfAbsent: 'setIfAbsent',
  delete: 'delete',
  ttl: 'ttl',
  expire: 'expire',
  increment: 'increment',
  replace: 'update',
  mapGet: 'map.get',
  mapHas: 'map.has',
  mapSet: 'map.set',
  mapDelete: 'map.delete',
  mapIncrement: 'map.increment',
  mapEntries: 'map.entries',
  mapSize: 'map.size',
  scoreSet: 'leaderboard.add',
  scoreIncrement: 'leaderboard.increment',
  scoreRemove: 'leaderboard.remove',
  scoreGet: 'leaderboard.score',
  scoreRank: 'leaderboard.rank',
  scoreTop: 'leaderboard.top',
  scoreSize: 'leaderboard.size',
  lockAcquire: 'lock',
  lockRenew: 'lock',
  lockRelease: 'lock',
  lockHeld: 'lock',
  permitAcquire: 'semaphore',
  permitRenew: 'semaphore',
  permitRelease: 'semaphore',
  hit: 'rateLimit',
  hitPeek: 'peekRateLimit',
  hitReset: 'resetRateLimit',
  throttle: 'throttler.increment',
  cacheGet: 'cache.get',
  cacheSet: 'cache.set',
  cacheDelete: 'cache.delete',
  cacheKeys: 'cache.keys',
  cacheClear: 'cache.clear',
  append: 'publish',
  history: 'subscribe',
  newest: 'subscribe',
  historyFacts: 'durableTopics',
  historyDelete: 'deleteTopic',
  groupJoin: 'subscribe',
  groupTake: 'subscribe',
  groupDone: 'subscribe',
  groupMembers: 'subscribe',
  groupInherit: 'subscribe',
  groupLeave: 'subscribe',
  groupDelete: 'deleteGroup',
};

/** Returns the name of the public method that needs the operation. @internal */
export function methodOf(name: OperationName): string {
  return METHODS[name];
}

/** Returns whether an operation of that name exists. @internal */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(METHODS, name);
}
