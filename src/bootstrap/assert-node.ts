import { ClusterConfigError } from '../model/errors/cluster-config.error.js';

/** Runtimes that name themselves in `process.versions`, and whose `node:cluster` and `node:net` differ from Node's. */
const OTHER_RUNTIMES = { bun: 'Bun', deno: 'Deno' };

/**
 * Checks that this process can have workers.
 *
 * @throws ClusterConfigError on a runtime other than Node.js
 * @internal
 */
export function assertNode(versions: NodeJS.Dict<string> = process.versions): void {
  for (const [key, name] of Object.entries(OTHER_RUNTIMES)) {
    const version = versions[key];
    if (version !== undefined) {
      const runtime = `${name} ${version}`;
      throw new ClusterConfigError(
        'ClusterModule',
        runtime,
        'Node.js',
        `ClusterModule needs Node.js for workers, but this process runs on ${runtime}. Start the application with node, or set CLUSTER_WORKERS=0 to run it without workers.`,
      );
    }
  }
}
