import { characterBytes } from '../../../system/text/character-bytes.js';
import type { LogEntry } from '../../../state/operation.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import { durableEventShape } from '../../payload/bus-message.shapes.js';
import { readText } from '../../payload/read-message.js';

/** Approximate bytes of memory that an event takes beside its payload. @internal */
export const EVENT_BYTES = 200;

/**
 * Returns an entry of a topic log as an event.
 *
 * @throws MalformedTextError, OtherVersionError if it cannot be read
 * @internal
 */
export function arrivedFrom([offset, text]: LogEntry): ArrivedEvent & { offset: string } {
  const event = readText(text, durableEventShape);
  return { ...event, offset, size: characterBytes(text) + EVENT_BYTES };
}
