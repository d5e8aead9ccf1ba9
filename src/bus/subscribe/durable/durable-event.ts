import { characterBytes } from '../../../system/text/character-bytes.js';
import type { LogEntry } from '../../../state/operation.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import { durableEventShape } from '../../payload/bus-message.shapes.js';
import { readText } from '../../payload/read-message.js';

/** What an event takes in memory beside its payload, about. @internal */
export const EVENT_BYTES = 200;

/**
 * An event out of a history.
 *
 * @throws MalformedTextError, OtherVersionError if it cannot be read
 * @internal
 */
export function arrivedFrom([offset, text]: LogEntry): ArrivedEvent & { offset: string } {
  const event = readText(text, durableEventShape);
  return { ...event, offset, size: characterBytes(text) + EVENT_BYTES };
}
