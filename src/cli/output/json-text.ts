import { escapeControls } from './safe-line.js';

/**
 * Returns a value as one line of JSON that is safe to show in a terminal: control characters and controls of the
 * writing direction, which `JSON.stringify` leaves as they are, are escaped.
 *
 * @internal
 */
export function jsonText(value: unknown): string {
  return escapeControls(JSON.stringify(value));
}
