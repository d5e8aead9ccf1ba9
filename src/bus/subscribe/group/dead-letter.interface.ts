import type { BusMember } from '../../membership/bus-member.interface.js';

/** The payload on a `deadLetter` topic: an event that its group could not handle. @publicApi */
export interface DeadLetter<Payload = unknown> {
  /** The topic of the event. */
  readonly topic: string;
  /** The offset of the event in its topic. */
  readonly offset: string;
  /** The payload of the event. */
  readonly payload: Payload;
  /** The worker that published the event. */
  readonly from: BusMember;
  /** The group that could not handle the event. */
  readonly group: string;
  /** The message of the last error. */
  readonly error: string;
  /** The number of attempts; 0 if the payload did not match the schema of the topic. */
  readonly attempts: number;
}
