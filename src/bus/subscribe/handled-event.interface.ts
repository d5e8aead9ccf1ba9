import type { EventContext, QuestionContext } from './event-context.interface.js';

/**
 * What request-scoped classes inject as `REQUEST` when they handle an event or answer a question.
 *
 * @publicApi
 */
export interface HandledEvent<Payload = unknown> {
  readonly payload: Payload;
  readonly event: EventContext | QuestionContext;
}
