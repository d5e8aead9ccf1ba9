import { StateInputError } from '../model/errors/state-input.error.js';
import { bytesBeyond, jsonText, type NotJsonError } from '../system/text/json-text.js';

/**
 * Returns a value as JSON.
 *
 * @param maxBytes the maximum length in bytes of UTF-8
 * @param tooLong makes the error for a longer one
 * @param encode makes the JSON, or throws a NotJsonError
 * @throws StateInputError for a value that is not JSON or too long
 * @internal
 */
export function toJson(
  key: string,
  value: unknown,
  maxBytes: number,
  tooLong = valueTooLong(maxBytes),
  encode = jsonText,
): string {
  const text = asJson(key, value, encode);
  const bytes = bytesBeyond(text, maxBytes);
  if (bytes !== undefined) {
    throw tooLong(key, bytes);
  }
  return text;
}

function valueTooLong(maxBytes: number) {
  return (key: string, bytes: number): Error =>
    new StateInputError(
      key,
      `The value for "${key}" is ${bytes} bytes long as JSON; the maximum is ${maxBytes} (state.maxValueBytes).`,
    );
}

/**
 * @throws StateInputError if the text is not JSON, because another program wrote it
 * @internal
 */
export function fromJson(key: string, text: string | null): unknown {
  if (text === null) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StateInputError(
      key,
      `The value at "${key}" is not JSON. It was probably written by another program.`,
      {
        cause,
      },
    );
  }
}

function asJson(key: string, value: unknown, encode: (value: unknown) => string): string {
  try {
    return encode(value);
  } catch (error) {
    const { what, cause } = error as NotJsonError;
    throw new StateInputError(
      key,
      `The value for "${key}" cannot be represented as JSON: ${what}. Nothing was stored.`,
      { cause },
    );
  }
}
