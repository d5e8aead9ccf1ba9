import type { WorkerIdentity } from '../../model/host-status.interface.js';

/** Who takes part in the bus: a worker of some host. @publicApi */
export interface BusMember extends WorkerIdentity {
  /** Its host: the name of the machine, and the process id of the primary. */
  readonly host: string;
}

/** A member, as it goes with all that it sends. @internal */
export interface Sender extends BusMember {
  /** No other member has it, in this process or any other. */
  readonly member: string;
}

/** What a member tells all others of itself. @internal */
export interface MemberInfo extends Sender {
  /** The topics on which it answers questions. */
  readonly answers: readonly string[];
  /** The groups that it takes part in. */
  readonly groups: readonly GroupMembership[];
  /** Its places in groups that share what is kept. */
  readonly consumers: readonly string[];
  /** The patterns that it has subscribed to. */
  readonly patterns: readonly string[];
}

/** A member of which it cannot be read all that it tells: it may be of another version. @internal */
export interface UnknownMember extends Sender {
  /** The topics on which it answers questions; `undefined` if not even that can be read. */
  readonly answers: readonly string[] | undefined;
}

/** Everybody who takes part. @internal */
export interface MemberList {
  readonly infos: readonly MemberInfo[];
  readonly strangers: readonly UnknownMember[];
}

/** @internal */
export interface GroupMembership {
  /** A topic or a pattern. */
  readonly filter: string;
  readonly group: string;
}

/** @internal */
export type MemberChange = { readonly told: MemberInfo } | { readonly left: string };

/** What users are shown of a sender. @internal */
export function memberOf({ host, slot, generation, id, pid }: Sender): BusMember {
  return { host, slot, generation, id, pid };
}

/** The name by which events say for whom of a group they are. @internal */
export function groupKey({ filter, group }: GroupMembership): string {
  return `${group}@${filter}`;
}
