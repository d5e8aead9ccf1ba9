import type { BusMember } from './membership/bus-member.interface.js';
import type { StandardIssue } from './payload/standard-schema.interface.js';

/** A failure to handle an event after it had arrived. @publicApi */
export type BusFault = InvalidPayloadFault | HandlerFailedFault;

/** The payload of an event or a request does not match the schema of its topic. No handler was called. @publicApi */
export interface InvalidPayloadFault {
  readonly type: 'invalid-payload';
  /** The topic of the event or request. */
  readonly topic: string;
  /** The payload as it arrived. */
  readonly payload: unknown;
  /** The issues that the schema reported. */
  readonly issues: readonly StandardIssue[];
  /** The worker that published the event or sent the request. */
  readonly from: BusMember;
}

/** A handler threw an error. Other handlers got the event. @publicApi */
export interface HandlerFailedFault {
  readonly type: 'handler-failed';
  /** The topic of the event. */
  readonly topic: string;
  /** `Class.method`, or the name of the function. */
  readonly handler: string;
  /** The error that the handler threw or rejected with. */
  readonly error: unknown;
}
