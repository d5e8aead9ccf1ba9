/** The number of the first descriptor: `SD_LISTEN_FDS_START`. */
const FIRST = 3;

/** The maximum number of descriptors that are looked at; a unit has a few. */
const MAX_DESCRIPTORS = 1_000;

/** A descriptor that systemd has opened for this process. @internal */
export interface InheritedDescriptor {
  readonly fd: number;
  /** `FileDescriptorName=` of the socket unit; by default the name of the unit. */
  readonly name: string;
}

/** What the variables of sd_listen_fds(3) say. @internal */
export interface ListenVariables {
  readonly descriptors: readonly InheritedDescriptor[];
  /** The process for which the sockets were opened, if it is not this one. */
  readonly otherPid?: string;
}

/**
 * Reads the variables by which systemd passes sockets.
 *
 * @internal
 */
export function readListenVariables(env: NodeJS.ProcessEnv, pid: number): ListenVariables {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  const owner = env['LISTEN_PID'] ?? '';
  if (!Number.isInteger(count) || count < 1 || count > MAX_DESCRIPTORS) {
    return { descriptors: [] };
  }
  if (Number(owner) !== pid) {
    return { descriptors: [], otherPid: owner };
  }
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  return {
    descriptors: Array.from({ length: count }, (_, index) => ({
      fd: FIRST + index,
      name: names[index] || 'unknown',
    })),
  };
}
