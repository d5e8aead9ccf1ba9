import type { MemberInfo } from './bus-member.interface.js';

/** A member with new data, or members that have left. @internal */
export type MemberChange = { readonly told: MemberInfo } | { readonly left: readonly string[] };

/** A change of the members, as it is announced: the name of a single one that has left is no list. @internal */
export type MemberChangeText =
  { readonly told: MemberInfo } | { readonly left: string | readonly string[] };

/** Returns a change with a list of those that have left. @internal */
export function memberChangeFrom(text: MemberChangeText): MemberChange {
  return 'left' in text ? { ...text, left: [text.left].flat() } : text;
}
