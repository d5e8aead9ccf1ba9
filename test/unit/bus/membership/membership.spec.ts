import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  MemberInfo,
  MemberList,
} from '../../../../src/bus/membership/bus-member.interface.js';
import { MemberDirectory } from '../../../../src/bus/membership/member-directory.js';
import { MemberWatch } from '../../../../src/bus/membership/member-watch.js';
import { Membership } from '../../../../src/bus/membership/membership.js';
import { FakeTransport } from '../../../support/fakes/fake-transport.js';

const SELF = { member: 'me', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

const info = (member: string, facts: Partial<MemberInfo> = {}): MemberInfo => ({
  ...SELF,
  answers: [],
  groups: [],
  consumers: [],
  patterns: [],
  ...facts,
  member,
});

/** A transport that notes what it tells others, and answers who is there when it is told to. */
class Members extends FakeTransport {
  readonly announced: MemberInfo[] = [];
  isAway = false;
  readonly answers: { resolve(list: MemberList): void; reject(error: Error): void }[] = [];

  override announce(told?: MemberInfo): Promise<void> {
    this.announced.push(told!);
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve();
  }

  override members(): Promise<MemberList> {
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  }
}

let transport: Members;

beforeEach(() => {
  transport = new Members();
});

describe('what a member tells of itself', () => {
  let membership: Membership;

  beforeEach(() => {
    membership = new Membership(SELF, transport);
  });

  it('is told once for all changes of a turn, and not if it is as before', async () => {
    await membership.announce();
    expect(transport.announced).toEqual([]);
    const undo = membership.subscribes({ filter: 'order.*', group: 'g' });
    membership.answers('price');
    membership.registered('g.me');
    await Promise.all([membership.announce(), membership.announce()]);
    expect(transport.announced).toEqual([
      info('me', {
        answers: ['price'],
        groups: [{ filter: 'order.*', group: 'g' }],
        consumers: ['g.me'],
        patterns: ['order.*'],
      }),
    ]);
    undo();
    membership.subscribes({ filter: 'order.*', group: 'g' });
    await membership.announce();
    expect(transport.announced).toHaveLength(1);
  });

  it('is without what is taken back', async () => {
    [
      membership.subscribes({ filter: 'order.*', group: 'g' }),
      membership.answers('price'),
      membership.registered('g.me'),
    ].forEach(undo => undo());
    expect(membership.info).toEqual(info('me'));
  });

  it('has a pattern as long as one subscription has it', () => {
    const undo = membership.subscribes({ filter: 'order.*' });
    membership.subscribes({ filter: 'order.*' });
    expect(membership.info).toMatchObject({ patterns: ['order.*'], groups: [] });
    undo();
    expect(membership.info.patterns).toEqual(['order.*']);
  });

  it('takes it out of groups and answers when it leaves, and keeps what it still has to finish', async () => {
    membership.subscribes({ filter: 'order.*', group: 'g' });
    membership.answers('price');
    membership.registered('g.me');
    await membership.leave();
    expect(transport.announced).toEqual([
      info('me', { consumers: ['g.me'], patterns: ['order.*'] }),
    ]);
  });

  it('does not fail when the backend is away, unless it must be confirmed', async () => {
    transport.isAway = true;
    membership.answers('price');
    await expect(membership.announce()).resolves.toBeUndefined();
    expect(transport.announced).toHaveLength(1);
    await expect(membership.confirm()).rejects.toThrow('away');
    transport.isAway = false;
    await membership.confirm();
    expect(transport.announced).toHaveLength(3);
    await membership.confirm();
    expect(transport.announced).toHaveLength(3);
  });

  it('is confirmed when it is stored, also if it was told before', async () => {
    let store!: () => void;
    transport.announce = () => new Promise(resolve => (store = resolve));
    membership.registered('g.me');
    void membership.announce();
    await nextTurn();
    let isConfirmed = false;
    const confirmed = membership.confirm().then(() => (isConfirmed = true));
    await nextTurn();
    expect(isConfirmed).toBe(false);
    store();
    await confirmed;
  });
});

describe('what a member knows of others', () => {
  let gone: string[];
  let fewerConsumers: number;
  let patterns: string[];
  let watch: MemberWatch;

  beforeEach(() => {
    gone = [];
    fewerConsumers = 0;
    patterns = [];
    watch = new MemberWatch(transport, {
      onGone: member => gone.push(member),
      onFewerConsumers: () => fewerConsumers++,
      onPatterns: (member, all) => patterns.push(`${member} ${all.join(' ')}`),
    });
  });

  async function learn(...infos: MemberInfo[]): Promise<void> {
    const learnt = watch.learn();
    transport.answers.pop()!.resolve({ infos, strangers: [] });
    await learnt;
  }

  it('is what the last list says: who is not on it is gone', async () => {
    await learn(info('a'), info('b'));
    expect([gone, fewerConsumers]).toEqual([[], 1]);
    await learn(info('b'));
    expect([gone, watch.members.knows('a'), fewerConsumers]).toEqual([['a'], false, 2]);
  });

  it('is newer than a list that was under way', async () => {
    await learn(info('a'));
    const learnt = watch.learn();
    watch.change({ told: info('new') });
    watch.change({ left: ['late'] });
    transport.answers.pop()!.resolve({ infos: [info('a'), info('late')], strangers: [] });
    await learnt;
    expect(['a', 'new', 'late'].map(name => watch.members.knows(name))).toEqual([
      true,
      true,
      false,
    ]);
    expect(gone).toEqual(['late']);
  });

  it('does not count one as gone that has told of itself meanwhile', async () => {
    await learn(info('a'));
    const learnt = watch.learn();
    watch.change({ told: info('a') });
    transport.answers.pop()!.resolve({ infos: [], strangers: [] });
    await learnt;
    expect([gone, watch.members.knows('a')]).toEqual([[], true]);
  });

  it('stays when nobody answers', async () => {
    await learn(info('a'));
    const learnt = watch.learn();
    transport.answers.pop()!.reject(new Error('away'));
    await learnt;
    expect([gone, watch.members.knows('a')]).toEqual([[], true]);
  });

  it('includes the patterns of others, which are reported when they change', async () => {
    await learn(info('a', { patterns: ['x.*'] }), info('b'));
    expect(patterns).toEqual(['a x.*']);
    watch.change({ told: info('a', { patterns: ['x.*'], consumers: ['g.a'] }) });
    watch.change({ told: info('b', { patterns: ['y.*', 'z.*'] }) });
    watch.change({ told: info('a') });
    expect(patterns.slice(1)).toEqual(['b y.* z.*', 'a ']);
  });

  it('tells of consumers that are given up', async () => {
    await learn(info('a', { consumers: ['g.a', 'h.a'] }));
    fewerConsumers = 0;
    watch.change({ told: info('a', { consumers: ['g.a', 'h.a', 'i.a'] }) });
    expect(fewerConsumers).toBe(0);
    watch.change({ told: info('a', { consumers: ['g.a'] }) });
    expect([fewerConsumers, gone]).toEqual([1, []]);
    watch.change({ left: ['a'] });
    expect([fewerConsumers, gone]).toEqual([2, ['a']]);
  });
});

describe('a member directory', () => {
  let directory: MemberDirectory;
  const groups = [{ filter: 'order.*', group: 'g' }];

  beforeEach(() => {
    directory = new MemberDirectory();
    directory.replace([info('a', { groups, patterns: ['order.*'] }), info('b', { groups })]);
  });

  it('picks the members of a group in turn', () => {
    const picks = [1, 2, 3, 4].map(() => directory.pick('order.new', false)!['g@order.*']);
    expect(new Set(picks.slice(0, 2))).toEqual(new Set(['a', 'b']));
    expect(picks.slice(2)).toEqual(picks.slice(0, 2));
    expect(directory.pick('other', false)).toBeUndefined();
  });

  it('does not pick who is out, even if nobody is left', () => {
    expect([1, 2].map(() => directory.pick('order.new', false, 'a')!['g@order.*'])).toEqual([
      'b',
      'b',
    ]);
    directory.change({ left: ['b'] });
    expect(directory.pick('order.new', false, 'a')).toEqual({});
  });

  it('leaves stored events to the durable members of a group, and others to its plain members', () => {
    const durable = [{ filter: 'order.*', group: 'g', isDurable: true as const }];
    directory.change({ told: info('b', { groups: durable }) });
    const isStored = [false, false, true, true];
    expect(isStored.map(stored => directory.pick('order.new', stored))).toEqual([
      { 'g@order.*': 'a' },
      { 'g@order.*': 'a' },
      {},
      {},
    ]);
    directory.change({ left: ['b'] });
    expect(directory.pick('order.new', true)).toEqual({ 'g@order.*': 'a' });
  });

  it('looks topics up again when members change', () => {
    directory.pick('order.new', false);
    directory.change({ left: ['a'] });
    expect(directory.pick('order.new', false)).toEqual({ 'g@order.*': 'b' });
    directory.change({ told: info('c', { groups: [{ filter: 'order.new', group: 'h' }] }) });
    expect(directory.pick('order.new', false)).toEqual({ 'g@order.*': 'b', 'h@order.new': 'c' });
  });

  it('knows each pattern that a topic matches once', () => {
    directory.change({ told: info('c', { patterns: ['order.*', 'order.new.*', '*.new'] }) });
    expect(directory.patternsFor('order.new').toSorted()).toEqual(['*.new', 'order.*']);
  });
});
