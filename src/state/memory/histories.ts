import type { Handlers } from './handlers.js';
import { History } from './history.js';
import type { MemoryClock } from './memory-clock.js';

/** Hears of each event that is kept. @internal */
export type OnAppend = (topic: string, position: string, event: string) => void;

/** All histories. @internal */
export class HistorySpace {
  readonly #histories = new Map<string, History>();

  constructor(
    readonly onAppend: OnAppend,
    readonly clock: Pick<MemoryClock, 'stamp'>,
  ) {}

  peek(topic: string): History | undefined {
    return this.#histories.get(topic);
  }

  at(topic: string): History {
    const history = this.#histories.get(topic) ?? new History();
    this.#histories.set(topic, history);
    return history;
  }
}

/** @internal */
export const historyHandlers: Handlers<'append' | 'history' | 'newest', HistorySpace> = {
  append: (histories, { key, event, keep, maxAge = Infinity }, now) => {
    const history = histories.at(key);
    const position = history.append(event, now, histories.clock.stamp());
    history.trim(keep, now - maxAge);
    histories.onAppend(key, position, event);
    return position;
  },

  history: (histories, { key, after, count }) => {
    const history = histories.peek(key) ?? new History();
    const numbers = history.after(history.numberOf(after));
    return { entries: history.take(numbers, count), last: history.lastPosition };
  },

  newest: (histories, { key }) => {
    const history = histories.peek(key);
    return history && history.last > 0 ? history.at(history.last) : null;
  },
};
