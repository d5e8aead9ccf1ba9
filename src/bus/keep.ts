import type { TopicOptions } from './topic.js';

const MAX_LENGTH = 10_000;

/** What of a topic's events is kept. @internal */
export interface Keep {
  /** How many events. */
  readonly length: number;
  /** Milliseconds. */
  readonly maxAge?: number;
}

/** What is kept by such options, `undefined` for nothing. @internal */
export function keepOf({ reliable, retain }: TopicOptions): Keep | undefined {
  if (!reliable) {
    return retain ? { length: 1 } : undefined;
  }
  const { maxLength = MAX_LENGTH, maxAge } = reliable === true ? {} : reliable;
  return { length: maxLength, ...(maxAge !== undefined && { maxAge }) };
}
