import { text } from '../validation/shape/scalars.js';
import { object } from '../validation/shape/structures.js';

/** What the new worker of a connection must know. @internal */
export interface MovedRequest {
  /** The name of the server for which the connection is. */
  readonly server: string;
  /** What was read of the connection, as Latin-1. */
  readonly data: string;
}

const shape = object<MovedRequest>({ server: text(), data: text() });

/** Returns the text that moves with a connection. @internal */
export function writeMoved(moved: MovedRequest): string {
  return JSON.stringify(moved);
}

/** Reads such a text; returns `undefined` if it is none. @internal */
export function readMoved(received: string): MovedRequest | undefined {
  try {
    const moved: unknown = JSON.parse(received);
    return shape(moved) ? undefined : (moved as MovedRequest);
  } catch {
    return undefined;
  }
}
