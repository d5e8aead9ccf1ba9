import { createHash } from 'node:crypto';
import type { MemberInfo } from '../../membership/bus-member.interface.js';
import { BUS_VERSION } from '../../payload/read-message.js';

/** Returns the data of a member as it is stored and announced. @internal */
export function textOf(info: MemberInfo): string {
  return JSON.stringify({ v: BUS_VERSION, ...info });
}

/** Returns the digest of the data of members, in any order, as the script "members" does. @internal */
export function digestOf(infos: Iterable<MemberInfo>): string {
  let sum = 0;
  for (const info of infos) {
    const hash = createHash('sha1').update(textOf(info)).digest('hex');
    sum = (sum + Number.parseInt(hash.slice(0, 12), 16)) % 2 ** 48;
  }
  return String(sum);
}
