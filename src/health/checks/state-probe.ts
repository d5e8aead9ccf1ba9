import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import { perform } from '../../state/objects/perform.js';
import type { StateClient } from '../../state/client/state-client.js';

/** A key that is never set. */
const KEY = '~health';

/** The result of a probe of the backend. @internal */
export type StateAnswer =
  /** The backend answered after this number of milliseconds. */
  | { readonly type: 'answered'; readonly after: number }
  /** The backend has not answered for this number of milliseconds. */
  | { readonly type: 'silent'; readonly since: number }
  | { readonly type: 'unreachable' };

/** Milliseconds without a request after which nothing is known of the time before it. */
const LONGEST_PAUSE = 60_000;

/**
 * Measures the round trip to the backend of the shared state. Concurrent probes share one request, so a backend in
 * trouble gets no additional load.
 *
 * @internal
 */
export class StateProbe {
  /** When the first request since the last answer was sent. */
  #unansweredSince: number | undefined;
  #askedAt = -Infinity;
  #asked: Promise<StateAnswer> | undefined;

  constructor(private readonly state: StateClient) {}

  /** The problems of a backend that answers. */
  get problems(): readonly string[] {
    return this.state.executor.problems ?? [];
  }

  /** Resolves within `timeout` milliseconds, and never rejects. */
  ask(timeout: number): Promise<StateAnswer> {
    if (this.state.executor.unavailableSince !== undefined) {
      this.#unansweredSince = undefined;
      return Promise.resolve({ type: 'unreachable' });
    }
    const now = monotonicNow();
    if (now - this.#askedAt > LONGEST_PAUSE) {
      this.#unansweredSince = undefined;
    }
    this.#askedAt = now;
    this.#unansweredSince ??= now;
    const since = this.#unansweredSince;
    this.#asked ??= this.#ask();
    return within(timeout, this.#asked, () => ({ type: 'silent', since: monotonicNow() - since }));
  }

  /** Waits as long as any call. A shorter timeout would report a slow backend as unreachable. */
  async #ask(): Promise<StateAnswer> {
    const at = monotonicNow();
    try {
      await perform(this.state, 'a value', { name: 'get', key: KEY });
      this.#unansweredSince = undefined;
      return { type: 'answered', after: monotonicNow() - at };
    } catch {
      return { type: 'unreachable' };
    } finally {
      this.#asked = undefined;
    }
  }
}
