import { asBytes } from '../payload/bus-payload-size.js';
import type { RetentionOptions, TopicOptions } from './topic-options.interface.js';

const MAX_LENGTH = 10_000;

/** The default, so that one topic does not fill the memory of the primary or of a Redis server. */
const MAX_BYTES = '64mb';

/** Limits for the stored events of a topic. @internal */
export interface RetentionPolicy {
  /** The maximum number of events. */
  readonly length: number;
  /** The maximum age in milliseconds. */
  readonly maxAge?: number;
  /** The maximum size of all events in bytes. */
  readonly maxBytes?: number;
}

/** Returns the retention policy of a topic; `undefined` if its events are not stored. @internal */
export function retentionPolicyOf({ durable, retain }: TopicOptions): RetentionPolicy | undefined {
  if (!durable) {
    return retain ? { length: 1 } : undefined;
  }
  const options: RetentionOptions = durable === true ? {} : durable;
  const { maxLength = MAX_LENGTH, maxAge, maxBytes = MAX_BYTES } = options;
  return {
    length: maxLength,
    ...(maxAge !== undefined && { maxAge }),
    maxBytes: asBytes(maxBytes)!,
  };
}
