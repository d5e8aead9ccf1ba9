import type { Sender } from '../bus/membership/bus-member.interface.js';
import { StateUnavailableError } from '../model/errors/state-unavailable.error.js';
import type { StateClient } from '../state/client/state-client.js';
import { clientOf } from '../state/client/lock-owner.js';
import type { InspectedEntry } from '../state/inspection/state-inspection.interface.js';
import { isInternal } from '../state/is-internal.js';
import type { StateInspector } from '../state/inspection/state-inspector.interface.js';
import { stateMessages } from '../state/state.messages.js';
import { RecentResult } from '../system/async/recent-result.js';
import { within } from '../system/async/within.js';
import { printableError } from '../system/text/printable.js';
import { ownerNames } from './owner-names.js';
import type { StateEntry, StateEntryKind, StateSection, StateValue } from './overview.interface.js';
import type { StateFacts } from './overview.protocol.js';

/** Milliseconds for which the entries are shown again: all pages of a worker share them. */
const MAX_AGE = 4_500;

/** Milliseconds to wait for the backend. */
const TIMEOUT = 5_000;

const NO_FACTS: StateFacts = { owners: [], caches: [] };

/** Where the view gets its data. @internal */
export interface StateSources {
  /** Returns a client of the shared state, if an application of this process has one. */
  readonly client: () => StateClient | undefined;
  /** Resolves with what the primary knows. */
  readonly facts: () => Promise<StateFacts>;
  /** Resolves with the members of the bus on all hosts, if it is in use. */
  readonly members: () => Promise<readonly Sender[]>;
}

/**
 * The shared state, as people see it.
 *
 * @internal
 */
export class StateView {
  readonly #recent = new RecentResult(MAX_AGE, () => this.#read());

  constructor(private readonly sources: StateSources) {}

  /** Never rejects: a failure of the backend is part of the section. */
  section(): Promise<StateSection> {
    return this.#recent.get();
  }

  /**
   * Entries of this package itself, such as results of `once()`, have no value here: they are not in the section either.
   *
   * @throws StateUnavailableError if the backend does not answer
   */
  async value(kind: StateEntryKind, key: string): Promise<StateValue> {
    if (isInternal(key)) {
      return { key, kind, text: null, isTruncated: false };
    }
    try {
      const found = await inTime(this.#inspector.peek(kind, key));
      return { key, kind, text: found?.text ?? null, isTruncated: found?.isTruncated ?? false };
    } catch (cause) {
      throw new StateUnavailableError('peek', key, printableError(cause), { cause });
    }
  }

  /** @throws Error if no application of this process is open */
  get #inspector(): StateInspector {
    const inspector = this.sources.client()?.executor.inspector;
    if (!inspector) {
      throw new Error(stateMessages.closed());
    }
    return inspector;
  }

  async #read(): Promise<StateSection> {
    const backend = this.sources.client()?.executor.inspector?.backend ?? 'memory';
    try {
      const [{ entries, isTruncated }, facts] = await inTime(
        Promise.all([this.#inspector.inspect(), this.sources.facts().catch(() => NO_FACTS)]),
      );
      const names = await this.#namesFor(entries, facts);
      const rates = hitRates(facts);
      return { backend, entries: entries.map(each => shown(each, names, rates)), isTruncated };
    } catch (error) {
      return { backend, entries: [], isTruncated: false, error: printableError(error) };
    }
  }

  /** The members of the bus are read only if they are needed: for owners on other hosts. */
  async #namesFor(
    entries: readonly InspectedEntry[],
    { owners: own }: StateFacts,
  ): Promise<(owner: string) => string> {
    const clients = new Set(own.map(([client]) => client));
    const isKnown = (owner: string): boolean => clients.has(clientOf(owner));
    const needsMembers = entries.some(({ owners = [] }) => !owners.every(isKnown));
    const members = needsMembers ? await inTime(this.sources.members()).catch(() => []) : [];
    return ownerNames(own, members);
  }
}

function shown(
  { owners, ...entry }: InspectedEntry,
  names: (owner: string) => string,
  rates: ReadonlyMap<string, number>,
): StateEntry {
  return {
    ...entry,
    ...(owners && { holders: owners.map(names) }),
    ...(entry.kind === 'cache' && { hitRate: rates.get(entry.key) ?? null }),
  };
}

/** Returns the share of reads that found an entry, for each cache that was read. */
function hitRates({ caches }: StateFacts): ReadonlyMap<string, number> {
  return new Map(
    caches
      .filter(([, hits, misses]) => hits + misses > 0)
      .map(([cache, hits, misses]) => [
        cache,
        Math.round((hits / (hits + misses)) * 1_000) / 1_000,
      ]),
  );
}

function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  return within(TIMEOUT, promise, () => {
    throw new Error(stateMessages.unanswered());
  });
}
