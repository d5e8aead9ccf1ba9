import { printable } from '../../system/text/printable.js';
import type { Mismatch } from './shape.js';

/** Maximum characters of a received value in a message. */
const SHOWN_CHARACTERS = 60;

/**
 * Describes a mismatch as a phrase: `"batch.operations[2].key" should be a string, not null`. The received value is
 * shortened, and shown without control characters.
 *
 * @internal
 */
export function describeMismatch({ path, expected, received }: Mismatch, name = 'value'): string {
  const place = path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  return `${place === '' ? name : `"${printable(place)}"`} should be ${expected}, not ${show(received)}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) {
    return 'an object';
  }
  return typeof value === 'string'
    ? `"${printable(value, SHOWN_CHARACTERS)}"`
    : printable(String(value), SHOWN_CHARACTERS);
}
