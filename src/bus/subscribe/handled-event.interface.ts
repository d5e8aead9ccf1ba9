import type { EventContext, RequestContext } from './event-context.interface.js';

/**
 * What request-scoped classes inject as `REQUEST` when they handle an event or answer a question.
 *
 * @publicApi
 */
export interface HandledEvent<Payload = unknown> {
  /** The payload, validated by the schema of the topic if it has one. */
  readonly payload: Payload;
  /** The context that the handler receives as its second argument. */
  readonly event: EventContext | RequestContext;
}
