import { RecentMap } from '../../system/collections/recent-map.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { busMessages } from '../bus.messages.js';

/** Milliseconds between two log lines about one topic. */
const SILENCE = 60_000;

/** The maximum number of topics; beyond it, the least recently used one is dropped, and may be logged again early. */
const MAX_TOPICS = 1_000;

/**
 * Logs events of `ClusterBus.emit()` that were not published: once for each topic, and once a minute while more fail.
 *
 * @internal
 */
export class EmissionLog {
  readonly #topics = new RecentMap<string, { readonly loggedAt: number; further: number }>(
    MAX_TOPICS,
  );

  constructor(
    private readonly log: (message: string) => void,
    private readonly now: () => number = monotonicNow,
  ) {}

  failed(topic: string, error: unknown): void {
    const known = this.#topics.get(topic);
    const now = this.now();
    if (known && now - known.loggedAt < SILENCE) {
      known.further++;
      return;
    }
    this.#topics.set(topic, { loggedAt: now, further: 0 });
    const why = error instanceof Error ? error.message : String(error);
    this.log(busMessages.emissionFailed(topic, why, known?.further ?? 0));
  }
}
