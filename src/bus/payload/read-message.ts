import { describeMismatch, type Shape } from '../../validation/shape.js';

/**
 * The version of all that members of the bus say to each other, and of the events that are kept. Each message carries it
 * as `v`. It is raised only for what members of the version before could not read: they ignore properties
 * that they do not know.
 *
 * @internal
 */
export const BUS_VERSION = 1;

/** The name of a host has no more characters, in any version. */
const MAX_HOST_LENGTH = 300;

/** Something is no message of the bus. @internal */
export class MalformedTextError extends Error {}

/** Something was said in a version of the bus that this process does not speak. @internal */
export class OtherVersionError extends Error {
  constructor(
    readonly version: number,
    /** Who has said it, as far as that is known. */
    readonly host: string | undefined,
  ) {
    super(`it has version ${version} of the bus protocol`);
  }
}

/**
 * Reads what somebody has said.
 *
 * @throws MalformedTextError if it has not this shape, OtherVersionError if it is of another version
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

/** Reads what somebody has said, once it is parsed; likewise. @internal */
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

/** Where each kind of message has its version, and its sender. These stay where they are in all versions. */
function factsOf(message: unknown): Facts | undefined {
  const { event, told, left, v, from, headsOf } = asObject(message) ?? {};
  const inner = asObject(event) ?? asObject(told);
  if (inner) {
    return { v: inner['v'], from: inner['from'] ?? inner };
  }
  if (left !== undefined) {
    // The backend says it, in all versions alike.
    return { v: BUS_VERSION, from: undefined };
  }
  return { v, from: from ?? headsOf ?? message };
}

function hostOf(sender: unknown): string | undefined {
  const host = asObject(sender)?.['host'];
  return typeof host === 'string' ? host.slice(0, MAX_HOST_LENGTH) : undefined;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
