import type { HistoryFacts } from '../../state/operation.js';

/** A durable or retained topic with stored events. @publicApi */
export interface DurableTopicInfo {
  /** The name of the topic. */
  readonly name: string;
  /** Number of stored events. */
  readonly length: number;
  /** The offset of the newest event. */
  readonly last: string;
  /** The consumer groups of the topic. */
  readonly groups: readonly DurableGroupInfo[];
}

/** A consumer group of a durable topic. @publicApi */
export interface DurableGroupInfo {
  /** The name of the group. */
  readonly name: string;
  /** Number of events that members have taken and not handled yet. */
  readonly pending: number;
  /** Number of stored events that no member has taken yet. */
  readonly waiting: number;
}

/** @internal */
export function infoOf(name: string, { length, last, groups }: HistoryFacts): DurableTopicInfo {
  return {
    name,
    length,
    last,
    groups: groups.map(([group, pending, waiting]) => ({ name: group, pending, waiting })),
  };
}
