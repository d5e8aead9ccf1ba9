import type { SubscriptionKind } from './redis-subscription.js';

/**
 * Returns the pattern that the ACL of a Redis user must allow for a subscription, without the `&`.
 *
 * A server compares the pattern of a `PSUBSCRIBE` literally with the allowed patterns; only `allchannels` allows any
 * pattern.
 *
 * @param name the name of a channel, or a pattern
 * @internal
 */
export function aclPatternFor(kind: SubscriptionKind, name: string, namespace: string): string {
  if (kind === 'psubscribe') {
    return name;
  }
  const separator = [':', '~'].find(each => name.startsWith(namespace + each));
  return separator === undefined ? name : `${namespace}${separator}*`;
}
