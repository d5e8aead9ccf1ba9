import { redisMessages } from '../redis.messages.js';
import { aclPatternFor } from './acl-pattern.js';
import type { Subscription } from './redis-subscription.js';
import type { SubscriberTerms } from './subscriber-terms.interface.js';

/** The maximum number of ACL patterns that are tried at the same time. */
const SOME = 20;

/**
 * The subscriptions that the Redis user may not make, by the ACL pattern that the user lacks. One line is logged when
 * a pattern is missing, and one when it is granted, because a pattern affects many channels.
 *
 * @internal
 */
export class RefusedSubscriptions {
  readonly #byPattern = new Map<string, Set<Subscription>>();

  /** @param prefix what ioredis puts before the names of sharded channels */
  constructor(
    private readonly terms: Pick<SubscriberTerms, 'namespace' | 'log' | 'warn'>,
    private readonly prefix = '',
  ) {}

  /** Called when the server has refused a subscription. */
  refused(subscription: Subscription): void {
    const pattern = this.#patternOf(subscription);
    const known = this.#byPattern.get(pattern);
    if (known) {
      known.add(subscription);
      return;
    }
    this.#byPattern.set(pattern, new Set([subscription]));
    this.terms.warn(redisMessages.subscriptionDenied(subscription.name, pattern));
  }

  /** Called when the server has confirmed a subscription. The pattern is granted when none is refused any more. */
  confirmed(subscription: Subscription): void {
    const pattern = this.#patternOf(subscription);
    const known = this.#byPattern.get(pattern);
    known?.delete(subscription);
    if (known?.size === 0) {
      this.#byPattern.delete(pattern);
      this.terms.log(redisMessages.subscriptionAllowed(pattern));
    }
  }

  /** Called when a subscription is removed. Its pattern stays known, so that a successor is not logged again. */
  removed(subscription: Subscription): void {
    this.#byPattern.get(this.#patternOf(subscription))?.delete(subscription);
  }

  /**
   * Returns some of the refused subscriptions, whose requests show which patterns are granted meanwhile: one for each
   * pattern. They are others each time.
   */
  sampleOf(subscriptions: readonly Subscription[]): Subscription[] {
    const refused = subscriptions.filter(({ isRefused }) => isRefused);
    const start = Math.floor(Math.random() * refused.length);
    const sample = new Map<string, Subscription>();
    for (const subscription of [...refused.slice(start), ...refused.slice(0, start)]) {
      const pattern = this.#patternOf(subscription);
      if (!sample.has(pattern) && sample.set(pattern, subscription).size === SOME) {
        break;
      }
    }
    return [...sample.values()];
  }

  #patternOf({ kind, name }: Subscription): string {
    const prefix = kind === 'ssubscribe' ? this.prefix : '';
    return prefix + aclPatternFor(kind, name, this.terms.namespace);
  }
}
