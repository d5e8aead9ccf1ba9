import {
  EVENT_BYTES,
  GROUP_BYTES,
  HISTORY_BYTES,
  PENDING_BYTES,
  textBytes,
} from './structures/byte-sizes.js';
import type { Handlers } from './memory-handlers.js';
import { History } from './structures/history.js';
import type { MemoryBudget } from './memory-budget.js';
import type { MemoryClock } from './memory-clock.js';

/** Called for each event that is stored. @internal */
export type OnAppend = (topic: string, offset: string, event: string) => void;

/** All topic logs. @internal */
export class HistorySpace {
  readonly #histories = new Map<string, History>();

  constructor(
    readonly onAppend: OnAppend,
    readonly clock: Pick<MemoryClock, 'stamp'>,
    readonly budget: MemoryBudget,
  ) {}

  /** All logs, by their topics. */
  get all(): ReadonlyMap<string, History> {
    return this.#histories;
  }

  peek(topic: string): History | undefined {
    return this.#histories.get(topic);
  }

  at(topic: string): History {
    let history = this.#histories.get(topic);
    if (!history) {
      history = new History();
      this.#histories.set(topic, history);
      this.budget.add(historyBytes(topic));
    }
    return history;
  }

  /** Deletes the log of a topic with its groups. @returns whether it existed */
  delete(topic: string): boolean {
    const history = this.#histories.get(topic);
    if (!history) {
      return false;
    }
    history.groups.forEach((_, name) => this.deleteGroup(topic, name));
    this.#histories.delete(topic);
    this.budget.add(-history.bytes - historyBytes(topic));
    return true;
  }

  /** Deletes a group of a topic. @returns whether it existed */
  deleteGroup(topic: string, name: string): boolean {
    const groups = this.peek(topic)?.groups;
    const group = groups?.get(name);
    if (!groups || !group) {
      return false;
    }
    groups.delete(name);
    this.budget.add(-GROUP_BYTES - textBytes(name) - group.size * PENDING_BYTES);
    return true;
  }

  /** Returns the bytes for creating the log of a topic; 0 if it exists. */
  growthOf(topic: string): number {
    return this.#histories.has(topic) ? 0 : historyBytes(topic);
  }
}

function historyBytes(topic: string): number {
  return HISTORY_BYTES + textBytes(topic);
}

/** @internal */
export const historyHandlers: Handlers<
  'append' | 'history' | 'newest' | 'historyFacts' | 'historyDelete' | 'groupDelete',
  HistorySpace
> = {
  append: (histories, { key, event, keep, maxAge = Infinity, maxBytes = Infinity }, now) => {
    const { budget } = histories;
    const bytes = EVENT_BYTES + textBytes(event);
    const bounds = { length: keep, bytes: maxBytes, oldest: now - maxAge };
    const due = histories.peek(key)?.dueFor(bytes, bounds) ?? { count: 0, bytes: 0 };
    if (!budget.fits(bytes - due.bytes + histories.growthOf(key))) {
      return budget.full();
    }
    const history = histories.at(key);
    history.drop(due.count);
    const offset = history.append({ event, at: now, bytes }, histories.clock.stamp());
    budget.add(bytes - due.bytes);
    histories.onAppend(key, offset, event);
    return offset;
  },

  history: (histories, { key, after, count }) => {
    const history = histories.peek(key) ?? new History();
    const n = history.numberOf(after);
    return {
      entries: history.take(history.after(n), count),
      last: history.lastOffset,
      follows: history.has(n),
    };
  },

  newest: (histories, { key }) => {
    const history = histories.peek(key);
    return history && history.last > 0 ? history.at(history.last) : null;
  },

  historyFacts: (histories, { key }) => {
    const history = histories.peek(key);
    return (
      (history && {
        length: history.size,
        last: history.lastOffset,
        groups: [...history.groups].map(
          ([name, { size, taken }]) =>
            [name, size, Math.min(history.size, history.last - taken)] as const,
        ),
      }) ??
      null
    );
  },

  historyDelete: (histories, { key }) => histories.delete(key),

  groupDelete: (histories, { key, group }) => histories.deleteGroup(key, group),
};
