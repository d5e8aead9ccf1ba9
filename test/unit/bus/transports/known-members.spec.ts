import { beforeEach, expect, it } from 'vitest';
import type { MemberInfo } from '../../../../src/bus/membership/bus-member.interface.js';
import type { MemberChange } from '../../../../src/bus/membership/member-change.js';
import { KnownMembers } from '../../../../src/bus/transports/redis/known-members.js';

const info = (member: string, answers: readonly string[] = []): MemberInfo => ({
  member,
  host: 'here:1',
  slot: 0,
  generation: 0,
  id: 1,
  pid: 2,
  answers,
  groups: [],
  consumers: [],
  patterns: [],
});

const told = (before: number, version: number, member: MemberInfo): MemberChange =>
  ({ before, version, told: member }) as MemberChange;

const left = (before: number, version: number, member: string): MemberChange =>
  ({ before, version, left: [member] }) as MemberChange;

let known: KnownMembers;

const names = (): string[] => known.list.infos.map(({ member }) => member);

beforeEach(() => {
  known = new KnownMembers();
  known.replace('10', '1', { infos: [info('a'), info('b')], strangers: [] }, []);
});

it('takes over each change, so that the list need not be read again', () => {
  known.change(told(10, 11, info('c')));
  known.change(left(11, 15, 'a'));
  known.change(told(15, 16, info('b', ['size'])));
  expect([known.version, known.count]).toEqual(['16', 2]);
  expect(known.list.infos).toEqual([info('b', ['size']), info('c')]);
});

it('ignores changes that the list already has', () => {
  known.change(told(8, 9, info('z')));
  known.change(left(9, 10, 'a'));
  expect([known.version, known.count]).toEqual(['10', 2]);
  expect(names()).toEqual(['a', 'b']);
});

it.each([
  ['was missed', told(11, 12, info('c'))],
  ['comes from a server that has lost its data', told(1, 2_000, info('c'))],
  ['is of a member of an earlier version', { told: info('c') }],
])('must be read again if a change %s', (_, change) => {
  known.change(change);
  expect(known.version).toBe('');
  // It stays so until then.
  known.change(told(12, 13, info('d')));
  expect(known.version).toBe('');
});

it('forgets a member of another version when it leaves, or when it can be read', () => {
  const stranger = { member: 's', host: 'there:1', slot: 0, generation: 0, id: 1, pid: 2 };
  known.replace('20', '1', { infos: [], strangers: [{ ...stranger, answers: undefined }] }, []);
  expect([known.version, known.count]).toEqual(['20', 1]);
  known.change(told(20, 21, info('s')));
  expect([known.version, known.count]).toEqual(['21', 1]);
  expect(known.list).toEqual({ infos: [info('s')], strangers: [] });
});

it('takes over what was announced while a list was read', () => {
  const news = known.news();
  known.change(told(10, 11, info('c')));
  known.change(left(11, 12, 'b'));
  news.end();
  known.change(told(12, 13, info('d')));
  known.replace(
    '11',
    '1',
    { infos: [info('a'), info('b'), info('c')], strangers: [] },
    news.changes,
  );
  expect([known.version, known.count]).toEqual(['12', 2]);
  expect(names()).toEqual(['a', 'c']);
});

it('keeps its members, and takes over all changes, until a list that was lost is restored', () => {
  known.keep();
  known.change(told(1, 2, info('c')));
  const news = known.news();
  known.change(left(7, 8, 'a'));
  expect(names()).toEqual(['b', 'c']);
  expect(known.digest).not.toBe('');
  known.replace('8', '5', { infos: [], strangers: [] }, news.changes, []);
  expect([known.version, known.created, known.digest]).toEqual(['8', '5', '']);
  expect(names()).toEqual(['b', 'c']);
});

it('has a digest of its members that does not depend on their order', () => {
  const [one, other] = [new KnownMembers(), new KnownMembers()];
  one.replace('1', '1', { infos: [info('a'), info('b')], strangers: [] }, []);
  other.replace('1', '1', { infos: [info('b'), info('a')], strangers: [] }, []);
  [one, other].forEach(each => each.keep());
  expect(one.digest).toBe(other.digest);
  other.change(told(1, 2, info('b', ['size'])));
  expect(one.digest).not.toBe(other.digest);
});

it('takes over several members that have left together', () => {
  known.change({ before: 10, version: 12, left: ['a', 'b'] } as MemberChange);
  expect([known.version, known.count]).toEqual(['12', 0]);
});

it('needs only the changes since a version, whatever it has missed', () => {
  known.change(told(10, 11, info('c')));
  known.change(told(15, 16, info('d')));
  expect([known.version, known.checkpoint]).toEqual(['', '11']);
  // These come late, from another connection.
  known.change(left(9, 10, 'b'));
  known.forget();
  expect([known.version, known.checkpoint]).toEqual(['', '11']);
  const news = [told(18, 19, info('a')), told(20, 21, info('f'))];
  known.replace('20', '1', { infos: [info('e')], strangers: [] }, news, ['a', 'd', 'e']);
  expect([known.version, known.checkpoint]).toEqual(['21', '21']);
  expect(names()).toEqual(['b', 'c', 'e', 'f']);
});

it.each([
  [
    'a member of an earlier version has told something',
    (members: KnownMembers) => members.change({ left: ['a'] }),
  ],
  ['the server has lost it', (members: KnownMembers) => members.keep()],
])('needs the whole list if %s', (_, act) => {
  act(known);
  expect(known.checkpoint).toBe('');
});

it('has changed members of another version', () => {
  const stranger = { member: 'a', host: 'there:1', slot: 0, generation: 0, id: 1, pid: 2 };
  const strangers = [{ ...stranger, answers: undefined }];
  known.replace('20', '1', { infos: [], strangers }, [], ['a']);
  expect(known.list).toEqual({ infos: [info('b')], strangers });
});
