import type { BusMember } from './membership/bus-member.interface.js';
import type { StandardIssue } from './payload/standard-schema.interface.js';

/** What went wrong with an event after it had arrived. @publicApi */
export type BusFault = InvalidPayloadFault | HandlerFailedFault;

/** An event does not match the schema of its topic, and reached no handler. @publicApi */
export interface InvalidPayloadFault {
  readonly type: 'invalid-payload';
  /** The topic of the event or question. */
  readonly topic: string;
  /** The payload as it arrived. */
  readonly payload: unknown;
  /** What the schema says. */
  readonly issues: readonly StandardIssue[];
  /** Who published it, or asked. */
  readonly from: BusMember;
}

/** A handler threw; others have got the event all the same. @publicApi */
export interface HandlerFailedFault {
  readonly type: 'handler-failed';
  /** The topic of the event. */
  readonly topic: string;
  /** `Class.method`, or the name of the function. */
  readonly handler: string;
  /** What the handler threw or rejected with. */
  readonly error: unknown;
}
