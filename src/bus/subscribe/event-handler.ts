import type { ArrivedEvent } from './arrived-event.interface.js';
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

/**
 * Validates payloads and calls the handler. Errors of the handler are logged and reported, and never thrown.
 *
 * @internal
 */
export class EventHandler {
  constructor(
    private readonly settings: HandlerSettings,
    private readonly report: FaultReport,
  ) {}

  handle(event: ArrivedEvent): void | Promise<void> {
    const { schema } = this.settings;
    if (schema) {
      return this.#check(schema, event);
    }
    return this.#call(event.payload, event);
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

  async #check(schema: StandardSchema, event: ArrivedEvent): Promise<void> {
    const { value, fault } = await validatePayload(schema, event);
    if (fault) {
      this.report.invalidPayload(fault);
    } else {
      await this.#call(value, event);
    }
  }

  #call(payload: unknown, event: ArrivedEvent): void | Promise<void> {
    const { topic, from, offset, retained } = event;
    const context: EventContext = {
      topic,
      from: memberOf(from),
      ...(offset !== undefined && { offset }),
      ...(retained && { retained }),
    };
    try {
      const handled = this.settings.handle(payload as never, context);
      return isThenable(handled) ? this.#await(handled, topic) : undefined;
    } catch (error) {
      this.#failed(topic, error);
    }
  }

  async #await(handled: PromiseLike<unknown>, topic: string): Promise<void> {
    try {
      await handled;
    } catch (error) {
      this.#failed(topic, error);
    }
  }

  #failed(topic: string, error: unknown): void {
    this.report.handlerFailed(this.settings.name, topic, error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
