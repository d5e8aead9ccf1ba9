import type { WorkerIdentity } from '../../model/host-status.interface.js';

/** A member of the bus: a worker of one of the hosts. @publicApi */
export interface BusMember extends WorkerIdentity {
  /** The host of the worker: the name of the machine, and the process id of the primary. */
  readonly host: string;
}

/** A member, as it is included in each message that it sends. @internal */
export interface Sender extends BusMember {
  /** The name of the member, unique over all processes. */
  readonly member: string;
}

/** The data that a member announces to all others. @internal */
export interface MemberInfo extends Sender {
  /** The topics on which it answers requests. */
  readonly answers: readonly string[];
  /** The groups that it belongs to. */
  readonly groups: readonly GroupMembership[];
  /** Its consumers in groups on durable topics. */
  readonly consumers: readonly string[];
  /** The patterns that it subscribes to. */
  readonly patterns: readonly string[];
}

/** A member whose announced data cannot be read completely: it may run another version. @internal */
export interface UnknownMember extends Sender {
  /** The topics on which it answers requests; `undefined` if not even those can be read. */
  readonly answers: readonly string[] | undefined;
}

/** All members. @internal */
export interface MemberList {
  readonly infos: readonly MemberInfo[];
  readonly strangers: readonly UnknownMember[];
}

/** @internal */
export interface GroupMembership {
  /** A topic or a pattern. */
  readonly filter: string;
  readonly group: string;
  /** Whether it reads stored events. Members of earlier versions do not tell. */
  readonly isDurable?: true | undefined;
}

/** Returns the public part of a sender. @internal */
export function memberOf({ host, slot, generation, id, pid }: Sender): BusMember {
  return { host, slot, generation, id, pid };
}

/** Returns the key under which an event names the member of a group that gets it. @internal */
export function groupKey({ filter, group }: GroupMembership): string {
  return `${group}@${filter}`;
}
