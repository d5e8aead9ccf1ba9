/** The kinds of entries of the shared state, in the order in which they are shown. @internal */
export const STATE_ENTRY_KINDS = [
  'counter',
  'value',
  'map',
  'set',
  'leaderboard',
  'lock',
  'leader',
  'semaphore',
  'rateLimit',
  'throttler',
  'cache',
  'history',
] as const;

/** @internal */
export type StateEntryKind = (typeof STATE_ENTRY_KINDS)[number];

/** An entry of the shared state, without its value. @internal */
export interface InspectedEntry {
  readonly kind: StateEntryKind;
  readonly key: string;
  /** Milliseconds until it expires; missing if it does not. */
  readonly ttl?: number;
  /** Fields, members, hits or entries. */
  readonly size?: number;
  /** Of locks, leaders and semaphores: who holds it; at most `MAX_OWNERS`. */
  readonly owners?: readonly string[];
  /** Owners that wait for it. */
  readonly waiting?: number;
}

/** @internal */
export interface StateInspection {
  /** By kind and key. */
  readonly entries: readonly InspectedEntry[];
  /** Whether there are more. */
  readonly isTruncated: boolean;
}

/** The value of an entry. @internal */
export interface PeekedValue {
  /** JSON: of maps an object, of sets a list, of leaderboards a list of members and scores, best first. */
  readonly text: string;
  /** Whether it is not complete: then a text may end anywhere. */
  readonly isTruncated: boolean;
}

/** The number of entries of an inspection. @internal */
export const MAX_ENTRIES = 1_000;

/** The number of owners of one semaphore. @internal */
export const MAX_OWNERS = 20;

/** The number of characters of a value, approximately the bytes of it. @internal */
export const MAX_VALUE_LENGTH = 64 * 1024;
