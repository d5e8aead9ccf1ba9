import { PACKAGE_VERSION } from '../system/own-package.js';
import { integer, text } from '../validation/shape/scalars.js';
import { object } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';

/**
 * The version of the protocol between primary and workers. `docs/architecture.md` describes when to raise it.
 *
 * @internal
 */
export const PROTOCOL_VERSION = 6;

/** The environment variable that tells a worker the protocol version of its primary. @internal */
export const PROTOCOL_VARIABLE = 'CLUSTER_PROTOCOL';

/**
 * The first message of a worker. These two properties must never change: an end with another version reads them to
 * report the difference.
 *
 * @internal
 */
export interface Hello {
  readonly protocol: number;
  /** The version of the package, for log lines. */
  readonly version: string;
}

/** @internal */
export const helloShape: Shape<Hello> = object<Hello>({
  protocol: integer({ min: 0 }),
  version: text({ maxLength: 100 }),
});

/** Returns the hello of this process. @internal */
export function ownHello(): Hello {
  return { protocol: PROTOCOL_VERSION, version: PACKAGE_VERSION };
}
