import { StateInputError } from '../model/errors/state-input.error.js';
import { bytesBeyond, jsonText, type NotJsonError } from '../system/text/json-text.js';

/**
 * A value as JSON.
 *
 * @param maxBytes how long the text may be, as UTF-8
 * @throws StateInputError for what JSON cannot carry, or is too long
 * @internal
 */
export function toJson(key: string, value: unknown, maxBytes: number): string {
  const text = carried(key, value);
  const bytes = bytesBeyond(text, maxBytes);
  if (bytes !== undefined) {
    throw new StateInputError(
      key,
      `The value for "${key}" has ${bytes} bytes as JSON; ${maxBytes} are allowed (state.maxValueBytes).`,
    );
  }
  return text;
}

/**
 * @throws StateInputError if the text, which somebody else has written, is not JSON
 * @internal
 */
export function fromJson(key: string, text: string | null): unknown {
  if (text === null) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StateInputError(key, `What stands at "${key}" is no JSON: somebody else wrote it.`, {
      cause,
    });
  }
}

function carried(key: string, value: unknown): string {
  try {
    return jsonText(value);
  } catch (error) {
    const { what, cause } = error as NotJsonError;
    throw new StateInputError(
      key,
      `JSON cannot carry the value for "${key}": ${what}. Nothing was stored.`,
      { cause },
    );
  }
}
