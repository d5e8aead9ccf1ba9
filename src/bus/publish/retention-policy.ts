import { asBytes } from '../payload/bus-payload-size.js';
import type { RetentionOptions, TopicOptions } from './topic-options.interface.js';

const MAX_LENGTH = 10_000;

/** So that one topic does not fill the memory of the primary, or of a Redis server. */
const MAX_BYTES = '64mb';

/** What of a topic's events is kept. @internal */
export interface RetentionPolicy {
  /** How many events. */
  readonly length: number;
  /** Milliseconds. */
  readonly maxAge?: number;
  /** Bytes, all of them together. */
  readonly maxBytes?: number;
}

/** What is kept by such options, `undefined` for nothing. @internal */
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
