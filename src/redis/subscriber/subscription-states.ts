/**
 * How far a subscription has come. As long as nothing may have gone unheard:
 *
 * - `open`: it is to be asked for
 * - `asked`: the server has not answered
 * - `made`
 *
 * After its maker was told that it was not made, or after its connection was lost:
 *
 * - `lost`: it is to be asked for again
 * - `askedAgain`: the server has not answered
 * - `restored`: it is made again, which its maker has not been told
 * - `refused`: the server does not allow it; it is not asked for until there is another connection
 *
 * @internal
 */
export type SubscriptionState =
  'open' | 'asked' | 'made' | 'lost' | 'askedAgain' | 'restored' | 'refused';

/** What may follow what. @internal */
export const SUBSCRIPTION_TRANSITIONS: Readonly<
  Record<SubscriptionState, readonly SubscriptionState[]>
> = {
  open: ['asked', 'lost'],
  asked: ['made', 'open', 'askedAgain', 'lost', 'refused'],
  made: ['lost'],
  lost: ['askedAgain'],
  askedAgain: ['restored', 'lost', 'refused'],
  restored: ['made', 'lost'],
  refused: ['lost'],
};

/** @internal */
export function mayBecome(from: SubscriptionState, to: SubscriptionState): boolean {
  return SUBSCRIPTION_TRANSITIONS[from].includes(to);
}
