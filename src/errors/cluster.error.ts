/**
 * What every error of this package extends: catch this one to catch them all.
 *
 * @publicApi
 */
export abstract class ClusterError extends Error {
  /** A stable code, `CLUSTER_…`, to branch on: texts may change, codes do not. */
  abstract readonly code: `CLUSTER_${string}`;

  override get name(): string {
    return this.constructor.name;
  }
}
