import type { KeptEvent as KeptEntry } from '../state/operation.js';
import type { ArrivedEvent } from './arrived-event.interface.js';
import type { KeptEvent } from './bus-text.js';

/** What an event takes in memory beside its payload, about. @internal */
export const EVENT_BYTES = 200;

/** An event out of a history. @internal */
export function arrivedFrom([position, text]: KeptEntry): ArrivedEvent & { position: string } {
  const event = JSON.parse(text) as KeptEvent;
  return { ...event, position, size: text.length + EVENT_BYTES };
}
