import type { Logger } from '@nestjs/common';
import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import type { HostStatus } from '../../model/host-status.interface.js';
import { messageOf } from '../../system/text/message-of.js';
import { type Clock, pause } from '../../system/time/clock.js';
import { systemdMessages } from '../systemd.messages.js';
import { MessageQueue, type SendMessage } from './message-queue.js';
import { type ReloadFacts, type ServiceFacts, serviceFacts } from './service-facts.js';
import { EXTENSION_INTERVAL, extensionOf, serviceMessage } from './service-message.js';

/** Milliseconds until a message that could not be sent is tried again. */
const RETRY_MILLISECONDS = 1_000;

/** @internal */
export interface ServiceNotifierDependencies {
  readonly send: SendMessage;
  readonly status: () => HostStatus;
  readonly clock: Pick<Clock, 'after'>;
  /** Returns the monotonic time in microseconds. */
  readonly microseconds: () => bigint;
  readonly logger: Pick<Logger, 'warn'>;
  /** Milliseconds between two signs of life, if the service manager expects them. */
  readonly watchdogInterval: number | undefined;
}

/**
 * Tells the service manager the state of the host: see `service-message.ts`.
 *
 * @internal
 */
export class ServiceNotifier {
  readonly #queue: MessageQueue;
  #told: ServiceFacts | undefined;
  #reload: ReloadFacts = { isUnderWay: false, hasFailed: false };
  #update: NodeJS.Immediate | undefined;
  #cancelExtension: (() => void) | undefined;
  #cancelSign: (() => void) | undefined;
  #hasWarned = false;

  constructor(private readonly deps: ServiceNotifierDependencies) {
    const wait = (): Promise<void> => pause(deps.clock, RETRY_MILLISECONDS);
    this.#queue = new MessageQueue(deps.send, error => this.#onFailed(error), wait);
    if (deps.watchdogInterval !== undefined) {
      this.#repeatSignOfLife(deps.watchdogInterval);
    }
  }

  /** Notes that the status of the host may have changed. */
  changed(): void {
    // Not at once: several workers may change in one turn.
    this.#update ??= setImmediate(() => this.#tell());
  }

  onEvent(event: ClusterEvent): void {
    if (event.type === 'reloadStarted') {
      this.#reload = { isUnderWay: true, hasFailed: false };
      // At once: another reload may start in the turn in which one ends.
      this.#tell();
    } else if (event.type === 'reloadFinished') {
      this.#reload = { isUnderWay: false, hasFailed: event.outcome === 'failed' };
      this.#tell();
    }
  }

  /** Ends the signs of life and the extensions: the timers would keep the process alive. */
  close(): void {
    clearImmediate(this.#update);
    this.#cancelExtension?.();
    this.#cancelSign?.();
  }

  #tell(): void {
    clearImmediate(this.#update);
    this.#update = undefined;
    const facts = serviceFacts(this.deps.status(), this.#reload);
    this.#queue.add(serviceMessage(this.#told, facts, this.deps.microseconds()));
    this.#told = facts;
    this.#cancelExtension ??= this.#extendLater(facts);
  }

  #extendLater({ phase }: ServiceFacts): (() => void) | undefined {
    if (extensionOf(phase).length === 0) {
      return undefined;
    }
    return this.deps.clock.after(EXTENSION_INTERVAL, () => {
      const facts = this.#told!;
      this.#queue.add(extensionOf(facts.phase));
      this.#cancelExtension = this.#extendLater(facts);
    });
  }

  #repeatSignOfLife(interval: number): void {
    this.#queue.add(['WATCHDOG=1']);
    this.#cancelSign = this.deps.clock.after(interval, () => this.#repeatSignOfLife(interval));
  }

  #onFailed(error: unknown): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.deps.logger.warn(systemdMessages.notNotified(messageOf(error)));
    }
  }
}
