import type { SubscriptionKind } from './redis-subscription.js';

/**
 * What the access control list of a Redis user has to allow for a subscription, without the `&`.
 *
 * A server compares the pattern of a `PSUBSCRIBE` letter by letter with what is allowed; only `allchannels` allows any.
 *
 * @param name of a channel, or a pattern
 * @internal
 */
export function aclPatternFor(kind: SubscriptionKind, name: string, namespace: string): string {
  if (kind === 'psubscribe') {
    return name;
  }
  const separator = [':', '~'].find(each => name.startsWith(namespace + each));
  return separator === undefined ? name : `${namespace}${separator}*`;
}
