import { jsonData } from '../../system/text/json-text.js';

/** A value as JSON, with its binary parts beside it. @internal */
export interface BinaryJson {
  /** The value, with `null` in place of each binary part. */
  readonly value: unknown;
  /** The path of each binary part, and the part in base64. */
  readonly binary?: readonly (readonly [path: readonly (string | number)[], base64: string])[];
}

type Path = readonly (string | number)[];

/**
 * Converts a value that may contain buffers for a channel that carries JSON. Other values that JSON does not have become
 * what Socket.IO sends in their place: `undefined` in a list is `null`, and a Map is `{}`. Plain data is passed on.
 *
 * @throws NotJsonError for a BigInt, and RangeError for a cycle, which Socket.IO cannot send either
 * @internal
 */
export function toBinaryJson(value: unknown): BinaryJson {
  const binary: [Path, string][] = [];
  const json = jsonData(extract(value, [], binary));
  return binary.length > 0 ? { value: json, binary } : { value: json };
}

/** Returns the original value. Every binary part is a `Buffer`, as in the packets of Socket.IO. @internal */
export function fromBinaryJson({ value, binary = [] }: BinaryJson): unknown {
  const root = { value };
  for (const [path, base64] of binary) {
    const keys = ['value', ...path];
    const last = keys.pop()!;
    const place = keys.reduce<unknown>((at, key) => ownOf(at, key), root);
    if (typeof place === 'object' && place !== null) {
      Object.defineProperty(place, last, { ...DATA, value: Buffer.from(base64, 'base64') });
    }
  }
  return root.value;
}

const DATA = { writable: true, enumerable: true, configurable: true };

function ownOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

/** Returns the value, or a copy without its binary parts if it has any. */
function extract(value: unknown, path: Path, binary: [Path, string][]): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const bytes = bytesOf(value);
  if (bytes) {
    binary.push([path, bytes.toString('base64')]);
    return null;
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return value;
  }
  const found = binary.length;
  const entries = Object.entries(value).map(
    ([key, part]) =>
      [key, extract(part, [...path, Array.isArray(value) ? Number(key) : key], binary)] as const,
  );
  if (binary.length === found) {
    return value;
  }
  return Array.isArray(value) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}

function bytesOf(value: object): Buffer | undefined {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return value instanceof ArrayBuffer ? Buffer.from(value) : undefined;
}
