/**
 * The states of a subscription. While no messages can have been missed:
 *
 * - `open`: it has to be requested
 * - `asked`: it is requested, and the server has not answered
 * - `made`: the server has confirmed it
 *
 * After the subscriber has stopped waiting, after the connection was lost, or after a refusal:
 *
 * - `lost`: it has to be requested again
 * - `askedAgain`: it is requested again, and the server has not answered
 * - `restored`: it is confirmed again, and the subscriber has not been notified yet
 * - `refused`: the server does not allow it; it is requested again from time to time, and on the next connection
 *
 * At the end:
 *
 * - `closed`: it is removed, or its subscriber is closed; it is not requested again
 *
 * @internal
 */
export type SubscriptionState =
  'open' | 'asked' | 'made' | 'lost' | 'askedAgain' | 'restored' | 'refused' | 'closed';

/** The allowed transitions. @internal */
export const SUBSCRIPTION_TRANSITIONS: Readonly<
  Record<SubscriptionState, readonly SubscriptionState[]>
> = {
  open: ['asked', 'lost', 'closed'],
  asked: ['made', 'open', 'askedAgain', 'lost', 'refused', 'closed'],
  made: ['lost', 'closed'],
  lost: ['askedAgain', 'closed'],
  askedAgain: ['restored', 'lost', 'refused', 'closed'],
  restored: ['made', 'lost', 'closed'],
  refused: ['askedAgain', 'lost', 'closed'],
  closed: [],
};

/** @internal */
export function mayBecome(from: SubscriptionState, to: SubscriptionState): boolean {
  return SUBSCRIPTION_TRANSITIONS[from].includes(to);
}
