import { describe, expect, it } from 'vitest';
import type { MemberList } from '../../../../src/bus/membership/bus-member.interface.js';
import { FaultReport } from '../../../../src/bus/fault-report.js';
import { GroupConsumer } from '../../../../src/bus/subscribe/group/group-consumer.js';
import { Membership } from '../../../../src/bus/membership/membership.js';
import { Requests } from '../../../../src/bus/request/requests.js';
import { MemberRegistry } from '../../../../src/bus/transports/redis/member-registry.js';
import type { RedisLink } from '../../../../src/redis/redis-link.js';
import { RedisKeys } from '../../../../src/state/backends/redis/redis-keys.js';
import { FakeTransport } from '../../../support/fakes/fake-transport.js';

const SELF = { member: 'self', host: 'here:1', slot: 0, generation: 0, id: 1, pid: 2 };
const OTHER = { host: 'there:2', slot: 1, generation: 3, id: 4, pid: 5 };
const LISTS = { answers: ['size'], groups: [], consumers: ['self#1'], patterns: [] };

/** What the server has of members, by turns: a name, and what that one tells. */
const entries = [
  ['self', JSON.stringify({ v: 1, ...SELF, ...LISTS })],
  ['newer', JSON.stringify({ v: 2, member: 'newer', ...OTHER, answers: ['size'], places: {} })],
  ['silent', JSON.stringify({ v: 2, member: 'silent', ...OTHER, answers: [] })],
  ['garbage', '{'],
  ['7', '0', '5', '0'],
].flat();

const listed = (unreadable: string[] = []): Promise<MemberList> => {
  const link = { client: { evalsha: () => Promise.resolve(entries) } };
  return new MemberRegistry(
    link as unknown as RedisLink,
    new RedisKeys('shop', false),
    (_place, error) => void unreadable.push(error.message),
  ).list();
};

class Transport extends FakeTransport {
  override members(): Promise<MemberList> {
    return listed();
  }

  override publish(): Promise<void> {
    return Promise.resolve();
  }
}

describe('members that tell something of themselves that cannot be read', () => {
  it('are listed with what can be read', async () => {
    const unreadable: string[] = [];
    const { infos, strangers } = await listed(unreadable);
    expect(infos.map(({ member }) => member)).toEqual(['self']);
    const nobody = { host: '(unknown)', slot: -1, generation: 0, id: 0, pid: 0 };
    expect(strangers).toEqual([
      { member: 'newer', ...OTHER, answers: ['size'] },
      { member: 'silent', ...OTHER, answers: [] },
      { member: 'garbage', ...nobody, answers: undefined },
    ]);
    expect(unreadable).toHaveLength(3);
  });

  it('keep what they have taken on behalf of a group', async () => {
    const consumer = new GroupConsumer('g', 'self', new Transport(), {
      confirm: () => Promise.resolve(),
    });
    const names = ['self#1', 'self#2', 'newer#1', 'garbage#7', 'gone#1'];
    expect(await consumer.findDead(names)).toEqual(['self#2', 'gone#1']);
  });

  it('are missing among the answers, unless they do not answer', async () => {
    const transport = new Transport();
    const requests = new Requests({
      self: SELF,
      transport,
      membership: new Membership(SELF, transport),
      report: new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
      timeout: 1_000,
      maxPayloadBytes: 1_000,
    });
    const { missing } = await requests.ask('size', '1', 50, Infinity);
    expect(missing).toEqual([
      { worker: { host: 'here:1', slot: 0, generation: 0, id: 1, pid: 2 }, reason: 'timeout' },
      { worker: OTHER, reason: 'failed', error: expect.stringContaining('another version') },
      {
        worker: expect.objectContaining({ host: '(unknown)' }),
        reason: 'failed',
        error: expect.any(String),
      },
    ]);
  });
});
