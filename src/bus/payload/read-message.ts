import type { Shape } from '../../validation/shape/shape.js';
import { isRecord } from '../../system/is-record.js';
import { describeMismatch } from '../../validation/shape/describe-mismatch.js';

/**
 * The version of the bus protocol: of all messages between members, and of stored events. Each message carries it as
 * `v`. Raise it only for changes that members of the previous version cannot read; they ignore unknown properties.
 *
 * @internal
 */
export const BUS_VERSION = 1;

/** The maximum length of a host name, in all versions. */
const MAX_HOST_LENGTH = 300;

/** A text is not a message of the bus. @internal */
export class MalformedTextError extends Error {}

/** A message has another version of the bus protocol. @internal */
export class OtherVersionError extends Error {
  constructor(
    readonly version: number,
    /** The host of the sender, if it is known. */
    readonly host: string | undefined,
  ) {
    super(`it has version ${version} of the bus protocol`);
  }
}

/**
 * Parses and validates a message.
 *
 * @throws MalformedTextError if it does not have this shape, OtherVersionError if it has another version
 * @internal
 */
export function readText<T>(text: string, shape: Shape<T>): T {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new MalformedTextError('it is not JSON');
  }
  return readMessage(message, shape);
}

/** Validates a parsed message. Throws like {@link readText}. @internal */
export function readMessage<T>(message: unknown, shape: Shape<T>): T {
  const facts = factsOf(message);
  if (Number.isSafeInteger(facts?.v) && facts?.v !== BUS_VERSION) {
    throw new OtherVersionError(facts?.v as number, hostOf(facts?.from));
  }
  const mismatch = shape(message);
  if (mismatch) {
    throw new MalformedTextError(describeMismatch(mismatch, 'it'));
  }
  if (facts?.v !== BUS_VERSION) {
    throw new MalformedTextError('it has no version');
  }
  return message as T;
}

interface Facts {
  readonly v: unknown;
  readonly from: unknown;
}

/** Returns the version and the sender of a message. Their places are the same in all versions. */
function factsOf(message: unknown): Facts | undefined {
  const { event, told, left, v, from, headsOf } = asObject(message) ?? {};
  const inner = asObject(event) ?? asObject(told);
  if (inner) {
    return { v: inner['v'], from: inner['from'] ?? inner };
  }
  if (left !== undefined) {
    // Built by the backend, in the same way in all versions.
    return { v: BUS_VERSION, from: undefined };
  }
  return { v, from: from ?? headsOf ?? message };
}

function hostOf(sender: unknown): string | undefined {
  const host = asObject(sender)?.['host'];
  return typeof host === 'string' ? host.slice(0, MAX_HOST_LENGTH) : undefined;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}
