/**
 * Names, in a worker's environment, the primary that forked it. `cluster.isWorker` alone is no
 * proof: PM2's cluster mode, or an application's own `node:cluster`, sets it too.
 *
 * @internal
 */
export const PRIMARY_PID_VARIABLE = 'CLUSTER_PRIMARY_PID';

/** Names, in the environment of a worker, the files of the Unix sockets on which its host listens, as JSON. @internal */
export const SOCKET_FILES_VARIABLE = 'CLUSTER_SOCKET_FILES';

/** Says, in the environment of a worker, that it is to boot and then to wait until it is told to listen. @internal */
export const STANDBY_VARIABLE = 'CLUSTER_STANDBY';

/**
 * Names, in the environment of a worker, the descriptors of the primary's own standard output and standard error, as
 * in `4,5`.
 *
 * @internal
 */
export const OUTPUT_VARIABLE = 'CLUSTER_OUTPUT_FDS';

/**
 * Set by a primary in its own environment, and thereby in that of every process that the primary or one of its
 * workers starts: names the host that the process belongs to.
 *
 * @internal
 */
export const HOST_VARIABLE = 'CLUSTER_PARENT_HOST';

/** What processes of ours set for one another: no options. @internal */
export const INTERNAL_VARIABLES: readonly string[] = [
  'CLUSTER_SLOT',
  'CLUSTER_GENERATION',
  PRIMARY_PID_VARIABLE,
  STANDBY_VARIABLE,
  SOCKET_FILES_VARIABLE,
  HOST_VARIABLE,
  OUTPUT_VARIABLE,
];
