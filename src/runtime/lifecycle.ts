import { setMaxListeners } from 'node:events';
import type { INestApplicationContext, Logger } from '@nestjs/common';
import type { ConnectionCounts } from '../drain/http/connection-counts.interface.js';
import type { HttpConnections } from '../drain/http/http-connections.js';
import type {
  DrainCause,
  DrainPhases,
  ListeningAddress,
  UnfinishedWork,
} from '../model/host-status.interface.js';
import { afterReading } from '../system/time/deadline-timer.js';
import type { Exit } from '../system/process/exit.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import type { LeaveTerms } from '../ipc/supervision.protocol.js';
import type { Host } from './host.interface.js';
import { PendingWork } from './pending-work.js';
import { workerMessages } from './runtime.messages.js';
import { printableStack } from '../system/text/printable.js';

/** The share of the time for leaving that connections and other work may use; the rest is for shutdown hooks. */
const CONNECTIONS_SHARE = 0.8;

/** The share of the time for leaving in which connections are taken that the primary has accepted. */
const TAKING_SHARE = 0.4;

/** Something that drains beside HTTP servers. The drain waits for it through `HttpConnections.waitFor()`. @internal */
export interface DrainParticipant {
  /** Called when the drain begins. */
  begin(): void;
  /** Called when no further connections may be accepted; those that other processes have accepted are on their way. */
  stopAccepting?(): void;
  /** Called when all accepted connections have arrived. */
  leave?(): void;
}

/** @internal */
export interface LifecycleObserver {
  /** Called when the process has been reported as ready. */
  onReady(): void;
  /** Called when the last application was closed, but not by `leave()`. */
  onClosed(): void;
}

/**
 * The lifecycle of the process that runs the application, in a worker and in single mode. The process becomes ready,
 * and leaves once, in the same way for every cause.
 *
 * @internal
 */
export class Lifecycle {
  readonly #apps = new Set<INestApplicationContext>();
  /**
   * Those of the applications that are contexts: as long as there is another application, the process does not
   * depend on them.
   */
  readonly #contexts = new Set<INestApplicationContext>();
  #state: 'booting' | 'ready' = 'booting';
  /** What runs when the process is ready. */
  readonly #whenReady: (() => void)[] = [];
  /** What runs before the host is asked for the terms for leaving. */
  readonly #beforeAsking: (() => void)[] = [];

  readonly #draining = new AbortController();
  readonly #answered = new AbortController();
  readonly #work: PendingWork;
  readonly #participants: DrainParticipant[] = [];
  readonly #phases = { handover: 0, connections: 0, hooks: 0 };
  #unfinished: UnfinishedWork | undefined;
  /** The drain, once it has begun. */
  #drained: Promise<void> | undefined;
  #cause: DrainCause | undefined;
  /** {@link monotonicNow} after which the drain waits no longer; `undefined` before it. */
  #drainDeadline: number | undefined;
  #drainedAt = 0;

  /** The terms on which this process leaves; the first caller determines them. */
  #terms: Promise<LeaveTerms> | undefined;
  /** `leave()`, once it closes the applications. */
  #leaving: Promise<void> | undefined;
  /** Whether the last application was closed by other code, and the host has been told. */
  #hasLeft = false;
  /** What runs after all hooks. */
  readonly #beforeLeft: (() => Promise<void>)[] = [];

  constructor(
    private readonly host: Host,
    private readonly connections: HttpConnections,
    private readonly exit: Exit,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    private readonly observer: LifecycleObserver,
  ) {
    this.#work = new PendingWork(
      error => logger.error(workerMessages.workFailed(), printableStack(error)),
      () => onSettled(),
    );
    const onSettled = connections.waitFor(this.#work);
    // There may be many listeners, for example one for each long poll.
    setMaxListeners(0, this.drainSignal);
  }

  /** Aborts when the drain begins. */
  get drainSignal(): AbortSignal {
    return this.#draining.signal;
  }

  /** Aborts when the drain has ended: in-flight requests are answered, and shutdown hooks may run. */
  get answeredSignal(): AbortSignal {
    return this.#answered.signal;
  }

  /** Why this process drains; `undefined` if it does not. */
  get drainCause(): DrainCause | undefined {
    return this.#cause;
  }

  /** Milliseconds that in-flight requests and other work have left; `undefined` if this process does not drain. */
  get timeLeft(): number | undefined {
    return this.#drainDeadline && Math.max(0, this.#drainDeadline - monotonicNow());
  }

  /** How long the phases of the drain have taken so far. */
  get phases(): DrainPhases {
    return { ...this.#phases };
  }

  /** Makes the drain wait for `work`, at most as long as it waits for requests. */
  waitUntil(work: PromiseLike<unknown>): void {
    this.#work.add(work);
  }

  /** Runs `task` after all hooks. The host is told afterwards that this process has left. */
  beforeLeft(task: () => Promise<void>): void {
    this.#beforeLeft.push(task);
  }

  /** Makes `participant` drain with the HTTP servers. */
  drainWith(participant: DrainParticipant): void {
    this.#participants.push(participant);
    if (this.drainSignal.aborted) {
      participant.begin();
    }
  }

  /**
   * Adds an application, which is closed when this process leaves.
   *
   * @param isContext whether it is an application context, which has no server
   */
  register(app: INestApplicationContext, isContext = false): void {
    this.#apps.add(app);
    if (isContext) {
      this.#contexts.add(app);
    }
  }

  /** Tells the host that a server listens. */
  listening(address: ListeningAddress): void {
    this.host.listening(address);
  }

  /** Tells the host that this process is ready: once, and not if it drains already. */
  ready(): void {
    if (this.#state === 'booting' && !this.drainSignal.aborted) {
      this.#state = 'ready';
      this.host.ready();
      this.observer.onReady();
      this.#whenReady.splice(0).forEach(task => task());
    }
  }

  /** Calls `task` when the process is ready; at once if it is. */
  whenReady(task: () => void): void {
    if (this.#state === 'ready') {
      task();
    } else {
      this.#whenReady.push(task);
    }
  }

  /** Calls `task` before this process tells the host that it leaves on its own. */
  beforeAskingToLeave(task: () => void): void {
    this.#beforeAsking.push(task);
  }

  /**
   * Drains and closes the applications, and ends the process, on the given terms or else on those of the host. A
   * process whose application has not bootstrapped yet ends as soon as the host knows the cause.
   */
  leave(cause: DrainCause, terms?: LeaveTerms, signal?: NodeJS.Signals): Promise<void> {
    if (terms) {
      this.#endWithin(terms.timeout);
    }
    if (this.#apps.size === 0) {
      return this.#leaveWithoutApplication(cause, terms, signal);
    }
    void this.#agreeOn(cause, terms);
    this.#leaving ??= this.#leave(cause, signal);
    return this.#leaving;
  }

  /** Handles the closing of an application. The process leaves only if no other application runs. */
  async closing(app: INestApplicationContext): Promise<void> {
    if (this.#leaving || (this.#apps.has(app) && this.#isLast(app))) {
      await this.drain('close');
    }
  }

  /** Finishes the in-flight requests. Runs once: further calls wait for the first. */
  drain(cause: DrainCause): Promise<void> {
    this.#drained ??= this.#drain(this.#agreeOn(cause));
    return this.#drained;
  }

  /** Notes that an application has run its last hook. */
  async closed(app: INestApplicationContext): Promise<void> {
    const wasLast = this.#isLast(app);
    this.#apps.delete(app);
    this.#contexts.delete(app);
    this.#phases.hooks = since(this.#drainedAt);
    if (wasLast && !this.#leaving && !this.#hasLeft) {
      this.#hasLeft = true;
      await this.#tellLeft();
      this.observer.onClosed();
    }
  }

  /** Whether there is no other application for which this process must continue. */
  #isLast(app: INestApplicationContext): boolean {
    const others = [...this.#apps].filter(other => other !== app);
    return this.#contexts.has(app)
      ? others.length === 0
      : others.every(other => this.#contexts.has(other));
  }

  /** Tells the host the cause first: it would otherwise take the exit for a failed boot. */
  async #leaveWithoutApplication(
    cause: DrainCause,
    terms?: LeaveTerms,
    signal?: NodeJS.Signals,
  ): Promise<void> {
    if (terms) {
      this.exit(0);
    } else {
      const agreed = await this.#agreeOn(cause);
      // An application may have bootstrapped meanwhile.
      await this.leave(agreed.cause, agreed, signal);
    }
  }

  /** Drains and closes the applications, and ends the process: with code 1 if one of them could not be closed. */
  async #leave(cause: DrainCause, signal?: NodeJS.Signals): Promise<void> {
    void this.#agreeOn(cause).then(({ timeout }) => this.#endWithin(timeout));
    const closed = await Promise.allSettled([
      this.drain(cause),
      ...[...this.#apps].map(app => close(app, signal)),
    ]);
    const failures = closed.filter(({ status }) => status === 'rejected');
    failures.forEach(failure =>
      this.logger.error(
        workerMessages.closeFailed(),
        printableStack((failure as PromiseRejectedResult).reason),
      ),
    );
    await this.#tellLeft();
    this.exit(failures.length > 0 ? 1 : 0);
  }

  /** Runs what is to run after all hooks, and tells the host that this process has left. */
  async #tellLeft(): Promise<void> {
    await Promise.allSettled(this.#beforeLeft.map(task => task()));
    await this.host.left(this.phases, this.#unfinished);
  }

  /** In this order, no connection is lost: see docs/drain.md. */
  async #drain(agreed: Promise<LeaveTerms>): Promise<void> {
    const { cause, timeout, idleTimeout } = await agreed;
    this.#cause = cause;
    const begunAt = monotonicNow();
    const budget = timeout * CONNECTIONS_SHARE;
    this.#drainDeadline = begunAt + budget;
    this.#draining.abort(new DOMException(workerMessages.drains(cause), 'AbortError'));
    this.#participants.forEach(participant => participant.begin());
    this.connections.announceEnd(budget);
    if (cause === 'stop') {
      await this.#takeWhatWasAccepted(begunAt + timeout * TAKING_SHARE);
    }
    this.connections.stopAccepting();
    this.#participants.forEach(participant => participant.stopAccepting?.());
    await this.host.flush();
    this.#participants.forEach(participant => participant.leave?.());
    this.#phases.handover = since(begunAt);
    const remaining = await this.connections.drain(budget - this.#phases.handover, idleTimeout);
    this.#noteUnfinished(remaining, budget, cause);
    this.#phases.connections = since(begunAt) - this.#phases.handover;
    this.#drainedAt = monotonicNow();
    this.#answered.abort();
  }

  #noteUnfinished(
    { inFlight, messages }: ConnectionCounts,
    budget: number,
    cause: DrainCause,
  ): void {
    const tasks = this.#work.size;
    if (inFlight + messages + tasks > 0) {
      this.#unfinished = { requests: inFlight, messages, tasks };
      this.logger.warn(workerMessages.unfinished(this.#unfinished, budget, cause));
    }
  }

  /**
   * Takes the connections that the primary has accepted before its port closed. The primary hands over the next
   * connection as soon as the previous one was taken, so there are no more when none arrives within a round trip.
   * With thousands of connections, the deadline applies: in-flight requests need the rest of the time.
   */
  async #takeWhatWasAccepted(deadline: number): Promise<void> {
    let taken: number;
    do {
      taken = this.connections.accepted;
      await this.host.flush();
    } while (this.connections.accepted > taken && monotonicNow() < deadline);
  }

  /** Returns the terms on which this process leaves; the first caller determines them. */
  #agreeOn(cause: DrainCause, terms?: LeaveTerms): Promise<LeaveTerms> {
    this.#terms ??= terms ? Promise.resolve(terms) : this.#askToLeave(cause);
    return this.#terms;
  }

  #askToLeave(cause: DrainCause): Promise<LeaveTerms> {
    this.#beforeAsking.splice(0).forEach(task => task());
    return this.host.leave(cause);
  }

  /**
   * Exits when the time is up, whatever is still running. The earliest of several deadlines counts. A primary that lives
   * is given the time to kill this process first, so that it knows why the process has ended.
   */
  #endWithin(timeout: number): void {
    afterReading(timeout + this.host.killGrace, () => this.exit(1));
  }
}

/** Closes an application. Every kind of application passes the signal to its hooks, although the types do not say so. */
function close(app: INestApplicationContext, signal?: string): Promise<void> {
  return (app as { close(signal?: string): Promise<void> }).close(signal);
}

function since(time: number): number {
  return Math.round(monotonicNow() - time);
}
