import type { BusMember } from './membership/bus-member.interface.js';
import type { StandardIssue } from './payload/standard-schema.interface.js';

/** What went wrong with an event after it had arrived. @publicApi */
export type BusFault = InvalidPayloadFault | HandlerFailedFault;

/** An event does not fit the schema of its topic, and reached no handler. @publicApi */
export interface InvalidPayloadFault {
  readonly type: 'invalid-payload';
  readonly topic: string;
  readonly payload: unknown;
  /** What the schema says. */
  readonly issues: readonly StandardIssue[];
  /** Who published it, or asked. */
  readonly from: BusMember;
}

/** A handler threw; others have got the event all the same. @publicApi */
export interface HandlerFailedFault {
  readonly type: 'handler-failed';
  readonly topic: string;
  /** `Class.method`, or the name of the function. */
  readonly handler: string;
  readonly error: unknown;
}
