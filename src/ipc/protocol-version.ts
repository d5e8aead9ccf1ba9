import { readFileSync } from 'node:fs';
import { integer, object, type Shape, text } from '../validation/shape.js';

/**
 * The version of what primary and workers say to each other. `docs/architecture.md` tells when it has to be raised.
 *
 * @internal
 */
export const PROTOCOL_VERSION = 1;

/** Tells a worker, in its environment, which version its primary has. @internal */
export const PROTOCOL_VARIABLE = 'CLUSTER_PROTOCOL';

/**
 * The first that a worker says. Whatever else changes, these two properties stay: an end of another version reads
 * them to tell what is the matter.
 *
 * @internal
 */
export interface Hello {
  readonly protocol: number;
  /** Of the package, for people to read. */
  readonly version: string;
}

/** @internal */
export const helloShape: Shape<Hello> = object<Hello>({
  protocol: integer({ min: 0 }),
  version: text({ maxLength: 100 }),
});

/** Who this process is. @internal */
export function ownHello(): Hello {
  return { protocol: PROTOCOL_VERSION, version: packageVersion() };
}

/** The version of this package as it is installed, as far as can be told: not in a bundle. */
function packageVersion(): string {
  try {
    const file = new URL('../../package.json', import.meta.url);
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return name === 'nestjs-cluster' && typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown';
  }
}
