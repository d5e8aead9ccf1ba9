const PREFIX = '$nestjs-cluster.fleet';

/** The map of the hosts: from their ids to their records. @internal */
export const HOSTS_MAP = PREFIX;

/** The lock of whoever reloads all hosts. @internal */
export const ROLLOUT_LOCK = `${PREFIX}.reload`;

/** Milliseconds after which another host can have that lock if its holder is out of touch. @internal */
export const ROLLOUT_LEASE = 10_000;

/** The topic on which a host gets orders. @internal */
export function orderTopic(id: string): string {
  return `${PREFIX}.${id}`;
}

/** Milliseconds between two records of a host. @internal */
export const BEAT = 3_000;

/** Milliseconds after which a host counts as gone if it has not renewed its record. @internal */
export const RECORD_TTL = 10_000;
