import { integer, text } from '../../validation/shape/scalars.js';
import { list, object } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';
import type { Sender, UnknownMember } from './bus-member.interface.js';

type Identity = Omit<Sender, 'member'>;

const identity: Shape<Identity> = object<Identity>({
  host: text({ maxLength: 300 }),
  slot: integer({ min: -1 }),
  generation: integer({ min: 0 }),
  id: integer({ min: 0 }),
  pid: integer({ min: 0 }),
});

const NOBODY: Identity = { host: '(unknown)', slot: -1, generation: 0, id: 0, pid: 0 };

const topics: Shape<readonly string[]> = list(text());

/**
 * Returns the readable part of a member's announced data: the properties that this version knows.
 *
 * @internal
 */
export function unknownMemberFrom(member: string, info: string): UnknownMember {
  const facts = parsed(info);
  const { host, slot, generation, id, pid } = identity(facts) ? NOBODY : (facts as Identity);
  const { answers } = facts as { readonly answers?: readonly string[] };
  return {
    member,
    host,
    slot,
    generation,
    id,
    pid,
    answers: topics(answers) ? undefined : answers,
  };
}

function parsed(info: string): object {
  try {
    const value: unknown = JSON.parse(info);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
