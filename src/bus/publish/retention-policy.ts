import { asBytes } from '../payload/bus-payload-size.js';
import type { KeepOptions, TopicOptions } from './topic-options.interface.js';

const MAX_LENGTH = 10_000;

/** So that one topic does not fill the memory of the primary, or of a Redis server. */
const MAX_BYTES = '64mb';

/** What of a topic's events is kept. @internal */
export interface Keep {
  /** How many events. */
  readonly length: number;
  /** Milliseconds. */
  readonly maxAge?: number;
  /** Bytes, all of them together. */
  readonly maxBytes?: number;
}

/** What is kept by such options, `undefined` for nothing. @internal */
export function keepOf({ reliable, retain }: TopicOptions): Keep | undefined {
  if (!reliable) {
    return retain ? { length: 1 } : undefined;
  }
  const options: KeepOptions = reliable === true ? {} : reliable;
  const { maxLength = MAX_LENGTH, maxAge, maxBytes = MAX_BYTES } = options;
  return {
    length: maxLength,
    ...(maxAge !== undefined && { maxAge }),
    maxBytes: asBytes(maxBytes)!,
  };
}
