import { printableError } from '../../../system/text/printable.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { isCollectionRead, isRead, type Operation, type OperationResult } from '../../operation.js';
import { PARTITIONS } from '../../partition.js';
import { isRemembered, type Recollection } from '../../recollection.js';
import {
  DEFERRED,
  type DeferredRead,
  type Grant,
  type InvalidOperation,
  isDeferred,
  type KeyPage,
  type OperationPlace,
  type Outcome,
  type ReceivedBatch,
} from '../../state-executor.interface.js';
import { LANE_BYTES, resultBytes, textBytes } from './structures/byte-sizes.js';
import { type Expiring, ExpiringMap } from './structures/expiring-map.js';
import type { MemorySpaces } from './inspect-memory.js';
import type { StateInspector } from '../../inspection/state-inspector.interface.js';
import { cacheHandlers, cacheSpace } from './memory-caches.js';
import { groupHandlers } from './memory-groups.js';
import type { DataSpace } from './memory-handlers.js';
import { historyHandlers, HistorySpace, type OnAppend } from './memory-histories.js';
import { stateMessages } from '../../state.messages.js';
import { leaderboardHandlers } from './memory-leaderboards.js';
import { lockHandlers, LockSpace } from './memory-locks.js';
import { MEMORY_CLOCK, type MemoryClock } from './memory-clock.js';
import { mapHandlers } from './memory-maps.js';
import { MemoryBudget } from './memory-budget.js';
import { limitHandlers, limitSpace } from './memory-rate-limits.js';
import { semaphoreHandlers, SemaphoreSpace } from './memory-semaphores.js';
import { throttlerHandlers, throttlerSpace } from './memory-throttlers.js';
import { valueHandlers } from './memory-values.js';
import { releaseOf } from '../../client/lock-release.js';

/** Milliseconds for which the last batch of a lane is remembered. @internal */
export const RETENTION = 3_600_000;

/** The last batch of a lane. */
interface BatchRecord {
  readonly sequence: number;
  /** The results; `null` for reads, which may be large and can be repeated. */
  readonly results: readonly (OperationResult | null)[];
}

interface LaneRecord extends Expiring {
  record: BatchRecord;
}

/** The maximum bytes of one result, because the answer is one message. Smaller if the budget is small. */
const MAX_RESULT_BYTES = 64 * 1024 * 1024;

/** The maximum bytes that one batch reads; a single larger result is read alone. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** The number of keys from which a page of `scan()` ends. */
const PAGE_KEYS = 500;

/** The most keys that are looked at for a page, approximately: the primary serves nobody meanwhile. */
const PAGE_LOOKED_AT = 5_000;

/** The minimum of {@link MAX_RESULT_BYTES}. */
const MIN_RESULT_BYTES = 2 * 1024 * 1024;

type Handler = (space: unknown, operation: Operation, now: number) => OperationResult;

/**
 * The shared state of one host, in the memory of its primary or of the single process.
 *
 * @internal
 */
export class MemoryBackend {
  readonly #lanes: ExpiringMap<LaneRecord>;
  readonly #maxResult: number;
  readonly #spaces: MemorySpaces;
  readonly #handlers: ReadonlyMap<string, readonly [space: unknown, handler: Handler]>;
  readonly #startedAt: number;

  constructor(
    onGrant: (client: string, grant: Grant) => void,
    onAppend: OnAppend = () => {},
    private readonly clock: MemoryClock = MEMORY_CLOCK,
    budget = new MemoryBudget(),
  ) {
    this.#startedAt = clock.now();
    this.#lanes = new ExpiringMap(clock, budget);
    this.#maxResult = Math.max(MIN_RESULT_BYTES, Math.min(MAX_RESULT_BYTES, budget.limit / 4));
    const locks = new LockSpace(onGrant, clock, budget);
    const data: DataSpace = new ExpiringMap(clock, budget);
    this.#spaces = {
      data,
      limits: limitSpace(clock, budget),
      throttlers: throttlerSpace(clock, budget),
      caches: cacheSpace(clock, budget),
      locks,
      semaphores: new SemaphoreSpace(locks),
      histories: new HistorySpace(onAppend, clock, budget),
    };
    const { limits, throttlers, caches, semaphores, histories } = this.#spaces;
    const spaces: readonly (readonly [space: unknown, handlers: object])[] = [
      [data, valueHandlers],
      [data, mapHandlers],
      [data, leaderboardHandlers],
      [limits, limitHandlers],
      [throttlers, throttlerHandlers],
      [caches, cacheHandlers],
      [locks, lockHandlers],
      [semaphores, semaphoreHandlers],
      [histories, historyHandlers],
      [histories, groupHandlers],
    ];
    this.#handlers = new Map(
      spaces.flatMap(([space, handlers]) =>
        Object.entries(handlers).map(
          ([name, handler]) => [name, [space, handler as Handler]] as const,
        ),
      ),
    );
  }

  execute({ lane, sequence, deadline, operations }: ReceivedBatch): Outcome {
    const now = this.clock.now();
    const before = this.#lanes.get(lane, now)?.record;
    if (before && before.sequence >= sequence) {
      return before.sequence === sequence ? this.#again(operations, before, now) : { type: 'void' };
    }
    if (monotonicNow() > deadline) {
      return { type: 'void' };
    }
    const results = this.#carryOutAll(operations, now);
    this.#remember(lane, { sequence, results: results.map(asRecorded(operations)) }, now);
    return { type: 'applied', results };
  }

  /** Returns what is remembered of an operation. @param at when its caller gave up, by this clock */
  recall({ lane, sequence, index }: OperationPlace, at: number): Recollection {
    const now = this.clock.now();
    const record = this.#lanes.get(lane, now)?.record;
    return {
      ...(record?.sequence === sequence && { result: record.results[index] ?? null }),
      isRemembered: at >= this.#startedAt && isRemembered(at, now, RETENTION),
    };
  }

  /** Returns the keys of one part of the state that begin with a prefix. @param cursor the number of the part */
  scan(prefix: string, cursor: string): KeyPage {
    const keys: string[] = [];
    const now = this.clock.now();
    let shard = Number(cursor);
    let seen = 0;
    while (shard < PARTITIONS && keys.length < PAGE_KEYS && seen < PAGE_LOOKED_AT) {
      const all = this.#spaces.data.keysOf(shard++, now);
      seen += all.length;
      keys.push(...all.filter(key => key.startsWith(prefix)));
    }
    return { keys, cursor: shard < PARTITIONS ? String(shard) : null };
  }

  readonly inspector: StateInspector = {
    backend: 'memory',
    inspect: async () => {
      const { inspectMemory } = await import('./inspect-memory.js');
      return inspectMemory(this.#spaces, () => this.clock.now());
    },
    peek: async (kind, key) => {
      const { peekMemory } = await import('./inspect-memory.js');
      return peekMemory(this.#spaces, kind, key, this.clock.now());
    },
  };

  /** Releases the locks of a client that has died. */
  releaseLocksOf(client: string): void {
    const now = this.clock.now();
    for (const [key, owner] of this.#spaces.locks.heldBy(client)) {
      this.#carryOut(releaseOf({ key, owner }), now);
    }
  }

  #again(operations: ReceivedBatch['operations'], { results }: BatchRecord, now: number): Outcome {
    return {
      type: 'applied',
      results: this.#carryOutAll(operations, now, results),
    };
  }

  /** @param before the results of the first time, if the batch is repeated: only its reads run again */
  #carryOutAll(
    operations: ReceivedBatch['operations'],
    now: number,
    before?: BatchRecord['results'],
  ): (OperationResult | DeferredRead)[] {
    let read = 0;
    let isFull = false;
    return operations.map((operation, index) => {
      if (!isReading(operation)) {
        return before ? (before[index] ?? null) : this.#carryOut(operation, now);
      }
      if (isFull) {
        return DEFERRED;
      }
      const result = this.#carryOut(operation, now);
      const bytes = resultBytes(result);
      // A single value always fits: it was stored in one message, too.
      if (bytes > this.#maxResult && isCollectionRead(operation)) {
        return {
          failed: 'backend',
          found: stateMessages.tooMuchAtOnce(operation, bytes, this.#maxResult),
        };
      }
      isFull = read > 0 && read + bytes > Math.min(MAX_BATCH_BYTES, this.#maxResult);
      read += bytes;
      return isFull ? DEFERRED : result;
    });
  }

  /** Turns errors into a failure of this operation, so that the others of the batch are not affected or repeated. */
  #carryOut(operation: Operation | InvalidOperation, now: number): OperationResult {
    if ('invalid' in operation) {
      return { failed: 'backend', found: operation.invalid };
    }
    const [space, handler] = this.#handlers.get(operation.name)!;
    try {
      return handler(space, operation, now);
    } catch (error) {
      return { failed: 'backend', found: printableError(error) };
    }
  }

  #remember(lane: string, record: BatchRecord, now: number): void {
    const known = this.#lanes.get(lane, now);
    const results = record.results.reduce<number>((sum, result) => sum + resultBytes(result), 0);
    const bytes = LANE_BYTES + textBytes(lane) + results;
    if (known) {
      known.record = record;
      this.#lanes.resize(known, bytes);
      this.#lanes.expire(known, now + RETENTION);
    } else {
      this.#lanes.add({ key: lane, record, expiresAt: now + RETENTION, due: undefined, bytes });
    }
  }
}

function isReading(operation: Operation | InvalidOperation): operation is Operation {
  return 'name' in operation && isRead(operation);
}

function asRecorded(operations: ReceivedBatch['operations']) {
  return (result: OperationResult | DeferredRead, index: number): OperationResult | null =>
    isReading(operations[index]!) || isDeferred(result) ? null : result;
}
