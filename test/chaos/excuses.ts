import type { FailureKind, RequestFailure } from '../../build/cli/verify/load/request-failure.js';

/** The kernel closes the connections of a killed process within this many milliseconds. */
const CUT_WITHIN = 1_000;

/** The failures that clients may see during a fault. */
const KINDS = {
  killed: new Set<FailureKind>(['refused', 'lost', 'reset']),
  stopped: new Set<FailureKind>(['refused']),
  hung: new Set<FailureKind>(['lost', 'reset']),
} as const;

/** A period in which some failures are the direct effect of an injected fault. */
interface Excuse {
  readonly kinds: ReadonlySet<FailureKind>;
  /** Milliseconds since the epoch. */
  readonly from: number;
  until: number;
  /** Only connections that were opened before this time: the killed process had them. */
  readonly openedBefore: () => number;
}

/**
 * Decides which failures are explained by injected faults: requests of a killed process, and refused connections
 * while no host runs. All other failures count as lost requests.
 */
export class Excuses {
  readonly #excuses: Excuse[] = [];
  readonly #kills: number[] = [];
  /** The number of explained failures, by kind. */
  readonly explained = new Map<FailureKind, number>();

  /** A worker was killed, or was found dead, at this moment. */
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
   * Starts a period in which the failures of a fault are explained: of a `killed` host, of a `stopped` host, or of a
   * worker that is `hung` until the primary kills it. Call the returned function at the end of the period.
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

  /** Milliseconds from the last kill before this time. */
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
