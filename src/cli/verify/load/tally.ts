import { CLIENT_KINDS, type ClientKind } from './clients/client-kind.js';
import {
  type ReportedFailure,
  FAILURE_KINDS,
  type FailureKind,
  type RequestFailure,
} from './request-failure.js';
import type { Kills } from './kills.js';
import { Latencies, type Percentiles } from './latencies.js';
import { joined, type Phase } from './phase.js';
import { steadyTime } from '../../../system/time/steady-time.js';

/** The maximum number of failures that are stored with details; all are counted. */
const MOST_FAILURES = 1_000;

/** The results of one kind of clients. @internal */
export interface Counts {
  /** The number of clients. */
  readonly clients: number;
  /** Complete and correct responses; for long-lived clients, the number of opened connections. */
  readonly answered: number;
  /** Long-lived connections that were ended normally. */
  readonly endedCleanly: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  /** Requests and connections that were lost with killed workers; they are not in `failures`. */
  readonly cutByKills: number;
  readonly atRest: Percentiles;
  readonly duringReloads: Percentiles;
}

/**
 * Counts the outcomes of requests.
 *
 * @internal
 */
export class Tally {
  /** The current phase of the application. */
  phase: Phase = 'other';
  /** The first failures, with details. */
  readonly failures: ReportedFailure[] = [];
  readonly #kinds = new Map<ClientKind, KindTally>();
  #answered = 0;
  #closed = false;

  constructor(private readonly kills: Pick<Kills, 'explain' | 'since'>) {}

  /** Adds clients of a kind. */
  enter(client: ClientKind, clients: number): void {
    this.#kinds.set(client, new KindTally(clients));
  }

  /** The number of answered requests of all clients. */
  get answered(): number {
    return this.#answered;
  }

  /** Stops counting. */
  close(): void {
    this.#closed = true;
  }

  answer(client: ClientKind, milliseconds: number, begunIn: Phase): void {
    if (this.#closed) {
      return;
    }
    this.#answered++;
    const kind = this.#of(client);
    kind.answered++;
    kind.latencies[joined(begunIn, this.phase)].add(milliseconds);
  }

  endCleanly(client: ClientKind): void {
    if (!this.#closed) {
      this.#of(client).endedCleanly++;
    }
  }

  fail(client: ClientKind, requestFailure: RequestFailure, at = steadyTime()): void {
    if (this.#closed) {
      return;
    }
    if (this.kills.explain(requestFailure, at)) {
      this.#of(client).cutByKills++;
      return;
    }
    this.#of(client).failures[requestFailure.kind]++;
    if (this.failures.length < MOST_FAILURES) {
      const sinceKill = this.kills.since(at);
      this.failures.push({
        ...requestFailure,
        client,
        at,
        ...(sinceKill !== undefined && { sinceKill }),
      });
    }
  }

  counts(): Partial<Record<ClientKind, Counts>> {
    return Object.fromEntries(
      CLIENT_KINDS.flatMap(name => {
        const kind = this.#kinds.get(name);
        return kind ? [[name, kind.counts()]] : [];
      }),
    );
  }

  #of(client: ClientKind): KindTally {
    const kind = this.#kinds.get(client);
    if (!kind) {
      throw new TypeError(`No clients of the kind ${client} take part.`);
    }
    return kind;
  }
}

class KindTally {
  answered = 0;
  endedCleanly = 0;
  cutByKills = 0;
  readonly failures = Object.fromEntries(FAILURE_KINDS.map(kind => [kind, 0])) as Record<
    FailureKind,
    number
  >;
  readonly latencies: Record<Phase, Latencies> = {
    rest: new Latencies(),
    reload: new Latencies(),
    other: new Latencies(),
  };

  constructor(readonly clients: number) {}

  counts(): Counts {
    const { clients, answered, endedCleanly, failures, cutByKills, latencies } = this;
    return {
      clients,
      answered,
      endedCleanly,
      failures: { ...failures },
      cutByKills,
      atRest: latencies.rest.percentiles(),
      duringReloads: latencies.reload.percentiles(),
    };
  }
}
