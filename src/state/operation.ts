/** What may stand at a name of the data space. @internal */
export type Kind = 'value' | 'map' | 'leaderboard';

/** So many equal increments, one after the other. @internal */
export type Run = readonly [delta: number, count: number];

/**
 * Everything a backend can be asked to do, with what it takes and what comes of it: the one vocabulary
 * of all executors. Values are JSON texts, times are milliseconds.
 *
 * @internal
 */
export interface Operations {
  /** Values */
  get: { takes: { key: string }; gives: string | null };
  has: { takes: { key: string }; gives: boolean };
  set: { takes: { key: string; value: string; ttl?: number }; gives: boolean };
  setIfAbsent: { takes: { key: string; value: string; ttl?: number }; gives: boolean };
  /** Stores `value` if `expected` still stands there, `null` for nothing. Without `ttl`, the time to live goes on. */
  replace: {
    takes: { key: string; expected: string | null; value: string; ttl?: number };
    gives: boolean;
  };
  /** Removes what stands there, or, with `only`, fails if it is of another kind. */
  delete: { takes: { key: string; only?: Kind }; gives: boolean };

  /**
   * Counters: the runs, delta by delta. `total` if all were within the bounds; else the value after
   * each, `null` for those that were not.
   */
  increment: {
    takes: { key: string; runs: readonly Run[]; min: number; max: number; ttl?: number };
    gives: { total: number } | { values: readonly (number | null)[] };
  };

  mapGet: { takes: { key: string; field: string }; gives: string | null };
  mapHas: { takes: { key: string; field: string }; gives: boolean };
  mapSet: { takes: { key: string; field: string; value: string }; gives: boolean };
  mapDelete: { takes: { key: string; field: string }; gives: boolean };
  mapIncrement: { takes: { key: string; field: string; by: number }; gives: number };
  mapEntries: { takes: { key: string }; gives: readonly (readonly [string, string])[] };
  mapSize: { takes: { key: string }; gives: number };

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

  /**
   * Takes a lock, or takes it again, for `lease`. When it is not free and `wait` is more than 0, the
   * owner stands in the queue for that long, and is granted the lock by a notice.
   */
  lockAcquire: {
    takes: { key: string; owner: string; lease: number; wait: number };
    gives: LockAnswer;
  };
  /** Begins the lease anew, if the owner still has the lock. */
  lockRenew: { takes: { key: string; owner: string; lease: number }; gives: boolean };
  /** Gives the lock to the next in the queue, or the place in the queue up. */
  lockRelease: { takes: { key: string; owner: string }; gives: boolean };
  /** What a client holds or waits for, in the partition of the key: `[lock, owner]`. */
  lockHeld: {
    takes: { key: string; client: string };
    gives: readonly (readonly [string, string])[];
  };

  /** So many hits of one limit at once; as many are allowed as there is room for. */
  hit: {
    takes: { key: string; count: number; limit: number; window: number };
    gives: { allowed: number; remaining: number; resetAfter: number };
  };

  /**
   * Histories: what has been published on a topic, events as JSON texts, in the order in which they were
   * appended; gives the offset. No more than `keep` of them stay, and none that is older than `maxAge`,
   * except for the last; nor, together, more than about `maxBytes`.
   */
  append: {
    takes: { key: string; event: string; keep: number; maxAge?: number; maxBytes?: number };
    gives: string;
  };
  /** The oldest after an offset, no more than can be borne at once; `last` is the newest offset. */
  history: {
    takes: { key: string; after: string; count: number };
    gives: { entries: readonly LogEntry[]; last: string };
  };
  newest: { takes: { key: string }; gives: LogEntry | null };

  /**
   * Groups, each event of a history to one member. A group begins at the end of what is there; gives
   * whether it is new.
   */
  groupJoin: { takes: { key: string; group: string }; gives: boolean };
  /**
   * The next events, which are pending for the member until they are done; or, `again`, those that are pending for
   * it already. `missed` were dropped from the history before this could be told. A group
   * that is gone is made anew, at the beginning of what is there.
   */
  groupTake: {
    takes: { key: string; group: string; member: string; count: number; again: boolean };
    gives: { entries: readonly LogEntry[]; missed: number };
  };
  /** They are pending no more, for whomever they were; gives how many. */
  groupDone: { takes: { key: string; group: string; offsets: readonly string[] }; gives: number };
  /** Who has taken something, and may not be done with it. */
  groupMembers: { takes: { key: string; group: string }; gives: readonly string[] };
  /** Whatever is pending for members who are `dead` is now for `member`; `missed` as above. */
  groupInherit: {
    takes: { key: string; group: string; member: string; dead: readonly string[] };
    gives: { inherited: number; missed: number };
  };
  /** Gives whether nothing is pending for the member; else that is left to be inherited. */
  groupLeave: { takes: { key: string; group: string; member: string }; gives: boolean };
}

/** @internal */
export type LogEntry = readonly [offset: string, event: string];

/** @internal */
export type LockAnswer =
  | { readonly token: number }
  /** It may be free in so many milliseconds, if its holder does not renew it. */
  | { readonly heldFor: number };

/** @internal */
export type OperationName = keyof Operations;

/** @internal */
export type Operation<Name extends OperationName = OperationName> = {
  [Each in Name]: { readonly name: Each } & Readonly<Operations[Each]['takes']>;
}[Name];

/** Why an operation did nothing, for a reason of its own. @internal */
export interface OperationFailure {
  readonly failed: 'type' | 'integer' | 'range' | 'full' | 'backend';
  /** What stands at the key; which memory is full; or what the backend said. */
  readonly found: string;
}

/** What comes of an operation. @internal */
export type OperationResult<Name extends OperationName = OperationName> =
  Operations[Name]['gives'] | OperationFailure;

/**
 * What one caller gets. Of a combined increment: the value that its own has made, `null` if it was not
 * made.
 *
 * @internal
 */
export type CallResult<Name extends OperationName = OperationName> = Name extends 'increment'
  ? number | null
  : Operations[Name]['gives'];

/** @internal */
export function isFailure(result: unknown): result is OperationFailure {
  return typeof result === 'object' && result !== null && 'failed' in result;
}

const READS: ReadonlySet<OperationName> = new Set([
  'get',
  'has',
  'mapGet',
  'mapHas',
  'mapEntries',
  'mapSize',
  'scoreGet',
  'scoreRank',
  'scoreTop',
  'scoreSize',
  'lockHeld',
  'history',
  'newest',
  'groupMembers',
]);

/** Whether an operation changes nothing, and can be carried out any number of times. @internal */
export function isRead({ name }: Operation): boolean {
  return READS.has(name);
}

const COLLECTION_READS: ReadonlySet<OperationName> = new Set([
  'mapEntries',
  'scoreTop',
  'lockHeld',
]);

/** Whether it reads any number of things that were stored one by one. @internal */
export function isCollectionRead({ name }: Operation): boolean {
  return COLLECTION_READS.has(name);
}

const ORDERED: ReadonlySet<OperationName> = new Set(['append']);

/** Whether those of one caller are carried out in the order of the calls, whatever goes wrong meanwhile. @internal */
export function isOrdered({ name }: Operation): boolean {
  return ORDERED.has(name);
}

const METHODS: Record<OperationName, string> = {
  get: 'get',
  has: 'has',
  set: 'set',
  setIfAbsent: 'setIfAbsent',
  delete: 'delete',
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
  hit: 'rateLimit',
  append: 'publish',
  history: 'subscribe',
  newest: 'subscribe',
  groupJoin: 'subscribe',
  groupTake: 'subscribe',
  groupDone: 'subscribe',
  groupMembers: 'subscribe',
  groupInherit: 'subscribe',
  groupLeave: 'subscribe',
};

/** What users call an operation. @internal */
export function methodOf(name: OperationName): string {
  return METHODS[name];
}

/** Whether there is an operation of that name. @internal */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(METHODS, name);
}
