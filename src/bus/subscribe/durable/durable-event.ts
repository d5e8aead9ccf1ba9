import { characterBytes } from '../../../system/text/character-bytes.js';
import type { LogEntry } from '../../../state/operation.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import { durableEventShape } from '../../payload/bus-message.shapes.js';
import { readText } from '../../payload/read-message.js';

/** Approximate bytes of memory that an event takes beside its payload. @internal */
export const EVENT_BYTES = 200;

/** What Redis returns instead of an event that is too large to be read; see `streams.lua`. */
const LARGE = /^!large (\d+)$/;

/** An event is larger than one read from the backend may return. @internal */
export class LargeEventError extends Error {}

/**
 * Returns an entry of a topic log as an event.
 *
 * @throws MalformedTextError, OtherVersionError, LargeEventError if it cannot be read
 * @internal
 */
export function arrivedFrom([offset, text]: LogEntry): ArrivedEvent & { offset: string } {
  const large = LARGE.exec(text);
  if (large) {
    throw new LargeEventError(`it takes ${Math.ceil(Number(large[1]) / 2 ** 20)} MiB`);
  }
  const event = readText(text, durableEventShape);
  return { ...event, offset, size: characterBytes(text) + EVENT_BYTES };
}
