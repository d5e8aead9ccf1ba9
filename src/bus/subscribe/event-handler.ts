import { isThenable } from '../../system/async/is-thenable.js';
import type { ArrivedEvent } from './arrived-event.interface.js';
import { within } from '../../system/async/within.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { InvalidPayloadFault } from '../bus-fault.interface.js';
import { memberOf } from '../membership/bus-member.interface.js';
import { busMessages } from '../bus.messages.js';
import type { EventContext } from './event-context.interface.js';
import type { Gap } from '../gaps/gap.interface.js';
import type { FaultReport } from '../fault-report.js';
import { validatePayload } from '../payload/validate-payload.js';
import type { StandardSchema } from '../payload/standard-schema.interface.js';

/** The handler of a subscription, with its name, its schema and its `onGap`. @internal */
export interface HandlerSettings {
  /** The name in log lines and faults, such as `OrdersService.onPaid`. */
  readonly name: string;
  readonly handle: (payload: never, context: EventContext) => unknown;
  readonly onGap?: ((gap: Gap) => unknown) | undefined;
  readonly schema?: StandardSchema | undefined;
}

/** Why an event was not handled: an invalid payload, or the error of the handler. @internal */
export interface AttemptFailure {
  readonly fault?: InvalidPayloadFault;
  readonly error?: unknown;
}

/**
 * Validates payloads and calls the handler. Errors of the handler are logged and reported, and never thrown.
 *
 * @internal
 */
export class EventHandler {
  constructor(
    private readonly settings: HandlerSettings,
    private readonly report: FaultReport,
    /** Milliseconds that the schema and the handler together may take for one event. */
    private readonly timeout?: number,
  ) {}

  get name(): string {
    return this.settings.name;
  }

  /** Handles an event, and returns the failure instead of reporting it. */
  async attempt(event: ArrivedEvent): Promise<AttemptFailure | undefined> {
    const { schema } = this.settings;
    try {
      if (!schema) {
        await this.#settled(this.#invoke(event.payload, event));
        return undefined;
      }
      const startedAt = monotonicNow();
      const validated = validatePayload(schema, event);
      const { value, fault } = await this.#inTime(validated, 0, busMessages.schemaTimeout);
      if (fault) {
        return { fault };
      }
      await this.#settled(this.#invoke(value, event), monotonicNow() - startedAt);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  /** Reports a failure of `attempt()`. */
  reportFailure({ topic }: ArrivedEvent, { fault, error }: AttemptFailure): void {
    if (fault) {
      this.report.invalidPayload(fault);
    } else {
      this.#failed(topic, error);
    }
  }

  handle(event: ArrivedEvent): void | Promise<void> {
    this.report.topics.received(event.topic);
    return this.settings.schema ? this.#validateAndCall(event) : this.#call(event.payload, event);
  }

  gap(gap: Gap): void {
    const { onGap, name } = this.settings;
    this.report.missed(gap);
    if (!onGap) {
      this.report.warn(busMessages.gap(gap.topic, gap.missed, gap.reason));
      return;
    }
    const failed = (error: unknown): void => this.report.gapHandlerFailed(name, gap.topic, error);
    try {
      const told = onGap(gap);
      if (isThenable(told)) {
        Promise.resolve(told).catch(failed);
      }
    } catch (error) {
      failed(error);
    }
  }

  async #validateAndCall(event: ArrivedEvent): Promise<void> {
    const failure = await this.attempt(event);
    if (failure) {
      this.reportFailure(event, failure);
    }
  }

  /** Calls the handler. @returns what it returned */
  #invoke(payload: unknown, event: ArrivedEvent): unknown {
    const { topic, from, offset, retained } = event;
    const context: EventContext = {
      topic,
      from: memberOf(from),
      ...(offset !== undefined && { offset }),
      ...(retained && { retained }),
    };
    return this.settings.handle(payload as never, context);
  }

  #call(payload: unknown, event: ArrivedEvent): void | Promise<void> {
    try {
      const handled = this.#invoke(payload, event);
      return isThenable(handled) ? this.#await(handled, event.topic) : undefined;
    } catch (error) {
      this.#failed(event.topic, error);
    }
  }

  /** Waits for what the handler returned, for as long as it may take. @param spent milliseconds of the schema */
  async #settled(handled: unknown, spent = 0): Promise<void> {
    if (isThenable(handled)) {
      await this.#inTime(Promise.resolve(handled), spent, busMessages.handlerTimeout);
    }
  }

  #inTime<Value>(
    pending: Promise<Value>,
    spent: number,
    late: (timeout: number) => string,
  ): Promise<Value> {
    const { timeout } = this;
    return timeout === undefined
      ? pending
      : within(Math.max(0, timeout - spent), pending, () => {
          throw new Error(late(timeout));
        });
  }

  async #await(handled: PromiseLike<unknown>, topic: string): Promise<void> {
    try {
      await this.#settled(handled);
    } catch (error) {
      this.#failed(topic, error);
    }
  }

  #failed(topic: string, error: unknown): void {
    this.report.handlerFailed(this.settings.name, topic, error);
  }
}
