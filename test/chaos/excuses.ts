import type { FailureKind, RequestFailure } from '../../build/cli/verify/load/request-failure.js';

/** The kernel closes the connections of a killed process within this many milliseconds. */
const CUT_WITHIN = 1_000;

/** What clients may see while a fault lasts. */
const KINDS = {
  killed: new Set<FailureKind>(['refused', 'lost', 'reset']),
  stopped: new Set<FailureKind>(['refused']),
  hung: new Set<FailureKind>(['lost', 'reset']),
} as const;

/** A time in which some failures are the direct effect of a fault that was injected. */
interface Excuse {
  readonly kinds: ReadonlySet<FailureKind>;
  /** Milliseconds since the epoch. */
  readonly from: number;
  until: number;
  /** Only connections that were begun before then: they were in the hands of the killed process. */
  readonly openedBefore: () => number;
}

/**
 * Which failures are explained by injected faults: what a killed process had in its hands, and
 * connections that are refused while no host runs. Everything else counts as lost.
 */
export class Excuses {
  readonly #excuses: Excuse[] = [];
  readonly #kills: number[] = [];
  /** How many failures were explained, by kind. */
  readonly explained = new Map<FailureKind, number>();

  /** A worker was killed now, or was found dead now. */
  killed(at = Date.now()): void {
    this.#kills.push(at);
    this.#excuses.push({
      kinds: new Set(['lost', 'reset']),
      from: at - CUT_WITHIN,
      until: at + CUT_WITHIN,
      openedBefore: () => at,
    });
  }

  /**
   * From now on, what a fault does to connections is explained: that of a `killed` host, that of a host
   * `stopped` in good order, or that of a worker which is `hung` until the primary kills it. Call the answer when it is over.
   */
  begin(how: keyof typeof KINDS): () => void {
    let over = Infinity;
    const excuse: Excuse = {
      kinds: KINDS[how],
      from: Date.now(),
      until: Infinity,
      openedBefore: () => over,
    };
    this.#excuses.push(excuse);
    return () => {
      over = Date.now();
      if (how === 'stopped') {
        excuse.until = over;
      } else {
        // The exit of a process and the end of its connections arrive in any order.
        excuse.until = over + CUT_WITHIN;
        this.#kills.push(over);
      }
    };
  }

  /** Milliseconds since the last kill before then. */
  since(at: number): number | undefined {
    const last = this.#kills.findLast(killedAt => killedAt <= at);
    return last === undefined ? undefined : at - last;
  }

  explain({ kind, openedAt }: RequestFailure, at: number): boolean {
    const isExplained = this.#excuses.some(
      ({ kinds, from, until, openedBefore }) =>
        kinds.has(kind) &&
        at >= from &&
        at <= until &&
        (kind === 'refused'
          ? at <= openedBefore()
          : openedAt !== undefined && openedAt <= openedBefore()),
    );
    if (isExplained) {
      this.explained.set(kind, (this.explained.get(kind) ?? 0) + 1);
    }
    return isExplained;
  }
}
