import { setMaxListeners } from 'node:events';
import type { INestApplicationContext, Logger } from '@nestjs/common';
import type { HttpConnections } from '../drain/http/http-connections.js';
import type { DrainCause, DrainPhases, ListeningAddress } from '../model/host-status.interface.js';
import { afterReading } from '../system/time/deadline-timer.js';
import type { Exit } from '../system/process/exit.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import type { LeaveTerms } from '../ipc/supervision.protocol.js';
import type { Host } from './host.interface.js';
import { workerMessages } from './runtime.messages.js';
import { printableStack } from '../system/text/printable.js';

/** The part of a drain's budget that connections may use; shutdown hooks have the rest. */
const CONNECTIONS_SHARE = 0.8;

/** The part of a drain's budget in which connections are taken that the primary has accepted. */
const TAKING_SHARE = 0.4;

/** @internal */
export interface LifecycleObserver {
  /** Called when the host has been told that the process is ready. */
  onReady(): void;
  /** Called when the last application was closed by somebody else than `leave()`. */
  onClosed(): void;
}

/**
 * The life of the process that runs the application, in a worker as in single mode: it becomes
 * ready, and it leaves, once, by one path, whoever began it.
 *
 * @internal
 */
export class Lifecycle {
  readonly #apps = new Set<INestApplicationContext>();
  /** Those of the applications that serve nobody: as long as there is another one, nothing depends on them. */
  readonly #contexts = new Set<INestApplicationContext>();
  readonly #draining = new AbortController();

  readonly #phases = { handover: 0, connections: 0, hooks: 0 };
  #state: 'booting' | 'ready' = 'booting';
  #terms: Promise<LeaveTerms> | undefined;
  #drained: Promise<void> | undefined;
  #drainedAt = 0;
  #cause: DrainCause | undefined;
  #drainDeadline: number | undefined;
  #leaving: Promise<void> | undefined;
  /** The last application was closed by somebody else, and the host was told. */
  #hasLeft = false;

  constructor(
    private readonly host: Host,
    private readonly connections: HttpConnections,
    private readonly exit: Exit,
    private readonly logger: Pick<Logger, 'error'>,
    private readonly observer: LifecycleObserver,
  ) {
    // Many may wait for the one moment, such as every long poll.
    setMaxListeners(0, this.drainSignal);
  }

  /** Aborts when the drain begins. */
  get drainSignal(): AbortSignal {
    return this.#draining.signal;
  }

  /** Why this process drains, if it does. */
  get drainCause(): DrainCause | undefined {
    return this.#cause;
  }

  /** Milliseconds that what is in flight has left to come to its end; `undefined` as long as nothing drains. */
  get timeLeft(): number | undefined {
    return this.#drainDeadline && Math.max(0, this.#drainDeadline - monotonicNow());
  }

  /** @param isContext whether it is an application context, which has no server */
  register(app: INestApplicationContext, isContext = false): void {
    this.#apps.add(app);
    if (isContext) {
      this.#contexts.add(app);
    }
  }

  listening(address: ListeningAddress): void {
    this.host.listening(address);
  }

  ready(): void {
    if (this.#state === 'booting' && !this.drainSignal.aborted) {
      this.#state = 'ready';
      this.host.ready();
      this.observer.onReady();
    }
  }

  /**
   * Drains and closes the applications, and ends the process: on the given terms, else on those of the
   * host. A process whose application has not bootstrapped yet ends as soon as the host knows why.
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

  /** An application closes. As long as another one runs, the process has no reason to leave. */
  async closing(app: INestApplicationContext): Promise<void> {
    if (this.#leaving || (this.#apps.has(app) && this.#isLast(app))) {
      await this.drain('close');
    }
  }

  /** Brings what is in flight to its end. Once: further calls wait for the first. */
  drain(cause: DrainCause): Promise<void> {
    this.#drained ??= this.#drain(this.#agreeOn(cause));
    return this.#drained;
  }

  /** An application has run its last hook. */
  async closed(app: INestApplicationContext): Promise<void> {
    const wasLast = this.#isLast(app);
    this.#apps.delete(app);
    this.#contexts.delete(app);
    this.#phases.hooks = since(this.#drainedAt);
    if (wasLast && !this.#leaving && !this.#hasLeft) {
      this.#hasLeft = true;
      await this.host.left(this.phases);
      this.observer.onClosed();
    }
  }

  /** Whether there is none beside it for which this process would have to live on. */
  #isLast(app: INestApplicationContext): boolean {
    const others = [...this.#apps].filter(other => other !== app);
    return this.#contexts.has(app)
      ? others.length === 0
      : others.every(other => this.#contexts.has(other));
  }

  get phases(): DrainPhases {
    return { ...this.#phases };
  }

  /** The host is told why: otherwise it takes the end of a process that boots for a failure. */
  async #leaveWithoutApplication(
    cause: DrainCause,
    terms?: LeaveTerms,
    signal?: NodeJS.Signals,
  ): Promise<void> {
    if (terms) {
      this.exit(0);
    } else {
      const agreed = await this.#agreeOn(cause);
      // There may be an application by now.
      await this.leave(agreed.cause, agreed, signal);
    }
  }

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
    await this.host.left(this.phases);
    this.exit(failures.length > 0 ? 1 : 0);
  }

  async #drain(agreed: Promise<LeaveTerms>): Promise<void> {
    const { cause, timeout, idleTimeout } = await agreed;
    this.#cause = cause;
    this.#draining.abort(new DOMException(workerMessages.drains(cause), 'AbortError'));
    const begunAt = monotonicNow();
    this.#drainDeadline = begunAt + timeout * CONNECTIONS_SHARE;
    this.connections.announceEnd(timeout * CONNECTIONS_SHARE);
    if (cause === 'stop') {
      await this.#takeWhatWasAccepted(begunAt + timeout * TAKING_SHARE);
    }
    this.connections.stopAccepting();
    await this.host.flush();
    this.#phases.handover = since(begunAt);
    await this.connections.drain(timeout * CONNECTIONS_SHARE - this.#phases.handover, idleTimeout);
    this.#phases.connections = since(begunAt) - this.#phases.handover;
    this.#drainedAt = monotonicNow();
  }

  /**
   * The host's port is closed, but the primary may still hold connections that it has accepted. It
   * hands a worker the next one as soon as it has the last: when none comes within a round trip, there
   * are no more. With thousands of them there is also a limit of time: what is in flight needs the rest.
   */
  async #takeWhatWasAccepted(deadline: number): Promise<void> {
    let taken: number;
    do {
      taken = this.connections.accepted;
      await this.host.flush();
    } while (this.connections.accepted > taken && monotonicNow() < deadline);
  }

  /** The terms on which this process leaves: settled once, by whoever comes first. */
  #agreeOn(cause: DrainCause, terms?: LeaveTerms): Promise<LeaveTerms> {
    this.#terms ??= terms ? Promise.resolve(terms) : this.host.leave(cause);
    return this.#terms;
  }

  /** Whatever still hangs then is left behind. The earliest of several deadlines counts. */
  #endWithin(timeout: number): void {
    afterReading(timeout, () => this.exit(1));
  }
}

/** Types do not say so, but every kind of application takes the signal and hands it to the hooks. */
function close(app: INestApplicationContext, signal?: string): Promise<void> {
  return (app as { close(signal?: string): Promise<void> }).close(signal);
}

function since(time: number): number {
  return Math.round(monotonicNow() - time);
}
