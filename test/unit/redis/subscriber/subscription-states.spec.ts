import { describe, expect, it } from 'vitest';
import type { RedisNode } from '../../../../src/redis/connection/redis-client.interface.js';
import { Subscription } from '../../../../src/redis/subscriber/redis-subscription.js';
import {
  mayBecome,
  SUBSCRIPTION_TRANSITIONS,
  type SubscriptionState,
} from '../../../../src/redis/subscriber/subscription-states.js';

const STATES = Object.keys(SUBSCRIPTION_TRANSITIONS) as SubscriptionState[];
const leadingTo = (state: SubscriptionState): SubscriptionState[] =>
  STATES.filter(from => mayBecome(from, state));
const from = (state: SubscriptionState): SubscriptionState[] =>
  STATES.filter(to => mayBecome(state, to));

const NODE = {} as RedisNode;

const subscription = (): Subscription => new Subscription('subscribe', 'news', () => {});

describe('the states of a subscription', () => {
  it('ask only for what is to be asked for', () => {
    expect(leadingTo('asked')).toEqual(['open']);
    expect(leadingTo('askedAgain')).toEqual(['asked', 'lost', 'refused']);
  });

  it('do not forget an interruption before it is told', () => {
    for (const state of ['lost', 'askedAgain', 'refused'] as const) {
      expect(from(state)).not.toContain('open');
      expect(from(state)).not.toContain('asked');
      expect(from(state)).not.toContain('made');
    }
    expect(leadingTo('made')).toEqual(['asked', 'restored']);
  });

  it('lead out of a refusal by a further request, or with another connection', () => {
    expect(from('refused')).toEqual(['lost', 'askedAgain', 'closed']);
  });

  it('lead from each to `closed`, and from there to none', () => {
    expect(leadingTo('closed')).toEqual(STATES.filter(state => state !== 'closed'));
    expect(from('closed')).toEqual([]);
  });
});

describe('a subscription', () => {
  it('that is made the first time has nothing to tell', () => {
    const made = subscription();
    made.ask(NODE);
    made.succeed();
    expect([made.isOpen, made.tellRestored()]).toEqual([false, false]);
  });

  it('that was asked over a connection that is lost is as before, and hears no answer to that', () => {
    const asked = subscription();
    const attempt = asked.ask(NODE);
    asked.lose();
    expect([asked.isOpen, asked.node, attempt.isAbandoned]).toEqual([true, undefined, true]);
    asked.ask(NODE);
    asked.succeed();
    expect(asked.tellRestored()).toBe(false);
  });

  it('tells once that it is made again, even if it is lost once more before that', () => {
    const lost = subscription();
    lost.ask(NODE);
    lost.succeed();
    lost.lose();
    lost.ask(NODE);
    lost.succeed();
    lost.lose();
    expect([lost.isOpen, lost.tellRestored()]).toEqual([true, false]);
    lost.ask(NODE);
    lost.succeed();
    expect([lost.tellRestored(), lost.tellRestored()]).toEqual([true, false]);
  });

  it.each([
    ['gave up before it was asked for', (given: Subscription) => given.giveUp()],
    [
      'gave up while it was asked for',
      (given: Subscription) => {
        given.ask(NODE);
        given.giveUp();
        given.lose();
      },
    ],
    [
      'was told of a failure',
      (given: Subscription) => {
        given.ask(NODE);
        given.fail(false);
      },
    ],
  ])('tells a maker that %s', async (_, prepare) => {
    const given = subscription();
    prepare(given);
    expect(await given.settled(1_000)).toBe(false);
    given.ask(NODE);
    given.succeed();
    expect(given.tellRestored()).toBe(true);
  });

  it('that is refused is not to be asked for at once until its connection is lost', () => {
    const refused = subscription();
    refused.ask(NODE);
    refused.fail(true);
    expect([refused.isOpen, refused.isRefused]).toEqual([false, true]);
    refused.lose();
    expect([refused.isOpen, refused.isRefused]).toEqual([true, false]);
  });

  it('that was refused tells once that it is made when it is allowed', () => {
    const refused = subscription();
    refused.ask(NODE);
    refused.fail(true);
    refused.ask(NODE);
    refused.fail(true);
    expect([refused.isMade, refused.isRefused]).toEqual([false, true]);
    refused.ask(NODE);
    refused.succeed();
    expect([refused.isMade, refused.isRefused]).toEqual([true, false]);
    expect([refused.tellRestored(), refused.tellRestored()]).toEqual([true, false]);
  });

  it.each([
    ['before it was asked for', () => {}],
    ['while it was asked for', (given: Subscription) => given.ask(NODE)],
  ])('that is closed %s tells its maker so, and is not asked for again', async (_, prepare) => {
    const closed = subscription();
    prepare(closed);
    closed.close();
    expect(await closed.settled(1_000)).toBe(false);
    closed.succeed();
    closed.lose();
    closed.giveUp();
    expect([closed.isOpen, closed.tellRestored()]).toEqual([false, false]);
  });

  it('that is closed before it tells that it is made again tells nothing', () => {
    const restored = subscription();
    restored.ask(NODE);
    restored.fail(false);
    restored.ask(NODE);
    restored.succeed();
    restored.close();
    expect(restored.tellRestored()).toBe(false);
  });
});
