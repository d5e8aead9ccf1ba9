/**
 * Tells a worker the process id of the primary that forked it. `cluster.isWorker` is not sufficient: it is also set
 * in PM2's cluster mode, and by an application's own use of `node:cluster`.
 *
 * @internal
 */
export const PRIMARY_PID_VARIABLE = 'CLUSTER_PRIMARY_PID';

/** Tells a worker the files of the Unix sockets on which its host listens, as JSON. @internal */
export const SOCKET_FILES_VARIABLE = 'CLUSTER_SOCKET_FILES';

/** Tells a worker to boot as a spare, and to wait until it is told to listen. @internal */
export const STANDBY_VARIABLE = 'CLUSTER_STANDBY';

/**
 * Tells a worker for how many milliseconds it holds back Nest's boot lines; empty if the worker logs them at once.
 *
 * @internal
 */
export const QUIET_BOOT_VARIABLE = 'CLUSTER_QUIET_BOOT';

/**
 * Tells a worker the milliseconds between two heartbeats that its primary expects; empty if the primary does not know the
 * options yet. An option that was changed since the primary has started must not let the two differ.
 *
 * @internal
 */
export const HEARTBEAT_VARIABLE = 'CLUSTER_EXPECTED_HEARTBEAT';

/**
 * Tells a worker what to do because its primary has not loaded the application: `report` its options, or `wait`.
 *
 * @internal
 */
export const OPTIONS_VARIABLE = 'CLUSTER_REPORT_OPTIONS';

/**
 * Passes the options of a primary to the program that replaces its own: the process id, a colon, and JSON.
 *
 * @internal
 */
export const PRIMARY_OPTIONS_VARIABLE = 'CLUSTER_PRIMARY_OPTIONS';

/**
 * Tells a worker the file descriptors of the primary's own standard output and standard error, as in `4,5`.
 *
 * @internal
 */
export const OUTPUT_VARIABLE = 'CLUSTER_OUTPUT_FDS';

/**
 * Identifies the host of a process. The primary sets it in its own environment, so all processes that the primary or
 * its workers start inherit it.
 *
 * @internal
 */
export const HOST_VARIABLE = 'CLUSTER_PARENT_HOST';

/**
 * Identifies one start of a host: the process id of the primary, a colon, and a random text. The primary sets it in its own
 * environment. It stays when the program of the primary is replaced.
 *
 * @internal
 */
export const START_VARIABLE = 'CLUSTER_START';

/** Variables for communication between processes of this package; they are not options. @internal */
export const INTERNAL_VARIABLES: readonly string[] = [
  'CLUSTER_SLOT',
  'CLUSTER_GENERATION',
  PRIMARY_PID_VARIABLE,
  STANDBY_VARIABLE,
  SOCKET_FILES_VARIABLE,
  HOST_VARIABLE,
  START_VARIABLE,
  OUTPUT_VARIABLE,
  QUIET_BOOT_VARIABLE,
  HEARTBEAT_VARIABLE,
  OPTIONS_VARIABLE,
  PRIMARY_OPTIONS_VARIABLE,
];
