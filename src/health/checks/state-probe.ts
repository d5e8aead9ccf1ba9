import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import { perform } from '../../state/objects/perform.js';
import type { StateClient } from '../../state/client/state-client.js';

/** Nothing stands at this key. */
const KEY = '~health';

/** What a backend was like when it was asked. @internal */
export type StateAnswer =
  /** It took so many milliseconds to answer. */
  | { readonly type: 'answered'; readonly after: number }
  /** It has been asked for so many, and has not answered yet. */
  | { readonly type: 'silent'; readonly since: number }
  | { readonly type: 'unreachable' };

/**
 * Asks the backend of the shared state for something, to see how long that takes. Whoever wants to know while
 * it has not answered the last time waits for that: a backend in trouble gets no more than one question.
 *
 * @internal
 */
export class StateProbe {
  #asked: { readonly at: number; readonly answer: Promise<StateAnswer> } | undefined;

  constructor(private readonly state: StateClient) {}

  /** What is the matter with the backend although it answers. */
  get problems(): readonly string[] {
    return this.state.executor.problems ?? [];
  }

  /** Settles within so many milliseconds, and never rejects. */
  ask(timeout: number): Promise<StateAnswer> {
    if (this.state.executor.unavailableSince !== undefined) {
      return Promise.resolve({ type: 'unreachable' });
    }
    this.#asked ??= { at: monotonicNow(), answer: this.#ask() };
    const { at, answer } = this.#asked;
    return within(timeout, answer, () => ({ type: 'silent', since: monotonicNow() - at }));
  }

  /** For as long as any call would wait: an impatient one would make the backend look worse than it is. */
  async #ask(): Promise<StateAnswer> {
    const at = monotonicNow();
    try {
      await perform(this.state, 'a value', { name: 'get', key: KEY });
      return { type: 'answered', after: monotonicNow() - at };
    } catch {
      return { type: 'unreachable' };
    } finally {
      this.#asked = undefined;
    }
  }
}
