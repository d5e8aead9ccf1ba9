import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MemberInfo } from '../../src/bus/membership/bus-member.interface.js';
import { KnownMembers } from '../../src/bus/transports/redis/known-members.js';
import { MemberRegistry } from '../../src/bus/transports/redis/member-registry.js';
import { connectRedis } from '../../src/redis/connection/connect-redis.js';
import { RedisLink } from '../../src/redis/redis-link.js';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { eventually } from '../support/eventually.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** The number of texts after the members of a page. */
const TRAILER = 4;

/** More members than a page has. */
const MEMBERS = 1_000;

let server: RedisServer;
let link: RedisLink;
let keys: RedisKeys;
let registries: readonly MemberRegistry[];
let told: string[];

const infoOf = (index: number, answers: readonly string[] = []): MemberInfo => ({
  member: `member-${index}`,
  host: 'shop-web-17.eu-central-1.internal:4711',
  slot: index,
  generation: 0,
  id: index,
  pid: index,
  answers,
  groups: [],
  consumers: [],
  patterns: [],
});

beforeAll(async () => {
  server = await RedisServer.start();
});

beforeEach(async () => {
  const namespace = randomUUID();
  const connection = await connectRedis(server.url, () => {});
  link = new RedisLink(connection, namespace, { log: () => {}, warn: () => {} });
  keys = new RedisKeys(namespace, false);
  await link.availability.settled(5_000);
  registries = Array.from({ length: MEMBERS }, () => create());
  await Promise.all(registries.map((registry, index) => registry.announce(infoOf(index))));
  told = [];
});

afterAll(async () => {
  await RedisServer.stopAll();
});

const create = (known?: KnownMembers): MemberRegistry =>
  new MemberRegistry(
    link,
    keys,
    (_, error) => {
      throw error;
    },
    () => {},
    known,
  );

/** Returns a member that hears all changes. */
async function listener(known?: KnownMembers): Promise<MemberRegistry> {
  const registry = create(known);
  await link.subscriber.subscribe(registry.channel, text => {
    told.push(text);
    registry.heard(text);
  });
  return registry;
}

/** Waits until so many changes have been told since the test began. */
function areTold(count: number): Promise<void> {
  return eventually(
    () => told.length === count,
    5_000,
    () => told.join(),
  );
}

/** Lists the members, and returns them with the lengths of the replies. */
async function list(registry: MemberRegistry) {
  const evalsha = vi.spyOn(link.client, 'evalsha');
  const { infos } = await registry.list();
  const replies = (await Promise.all(
    evalsha.mock.results.map(({ value }) => value),
  )) as unknown[][];
  evalsha.mockRestore();
  return { infos, lengths: replies.map(({ length }) => length), wait: Number(replies[0]!.at(-1)) };
}

afterEach(async () => {
  await Promise.all(registries.map((registry, index) => registry.remove(`member-${index}`)));
  await link.close();
});

it('lists the members in pages, and again only what it does not know', async () => {
  const registry = await listener();
  const first = await list(registry);
  expect(new Set(first.infos.map(({ member }) => member)).size).toBe(MEMBERS);
  expect(first.infos).toHaveLength(MEMBERS);
  expect(first.lengths.length).toBeGreaterThan(2);
  expect(Math.max(...first.lengths)).toBeLessThan(MEMBERS);

  const again = await list(registry);
  expect(again.infos).toHaveLength(MEMBERS);
  expect(again.lengths).toEqual([TRAILER]);

  await registries[5]!.remove('member-5');
  await registries[6]!.announce(infoOf(6, ['size']));
  await areTold(2);
  const changed = await list(registry);
  expect(changed.lengths).toEqual([TRAILER]);
  expect(changed.infos.find(({ member }) => member === 'member-5')).toBeUndefined();
  expect(changed.infos.find(({ member }) => member === 'member-6')).toMatchObject(
    infoOf(6, ['size']),
  );

  // Another client has written, or a change was missed.
  await server.command('DEL', keys.of('bus-version', 'members'));
  const whole = await list(registry);
  expect(whole.infos).toHaveLength(MEMBERS - 1);
  expect(whole.lengths.length).toBeGreaterThan(2);
});

it('tells a member again only if the server has lost it', async () => {
  const registry = await listener();
  await registry.list();
  await registries[0]!.announceAgain();
  expect(told).toEqual([]);
  await server.command('HDEL', keys.of('bus', 'members'), 'member-0');
  await registries[0]!.announceAgain();
  await areTold(1);
  expect(JSON.parse(told[0]!)).toMatchObject({ told: infoOf(0) });
  expect((await list(registry)).lengths).toEqual([TRAILER]);
});

it('removes many dead members in several calls, so that the server is not blocked for long', async () => {
  const registry = await listener();
  const dead = Array.from({ length: MEMBERS / 2 }, (_, index) => ['1', `member-${index}`]).flat();
  await server.command('ZADD', keys.of('bus-leases', 'members'), ...dead);
  await registry.list();
  // Each of them is told to all members.
  expect(told.length).toBeLessThanOrEqual((20_000 / MEMBERS) * 10);
  const left = async (): Promise<number> => (await registry.list()).infos.length;
  await eventually(
    async () => (await left()) === MEMBERS / 2,
    10_000,
    () => told.join(),
  );
});

describe('changes that a member has missed', () => {
  const CHANGED = 250;

  /** Reads the list, and hears of no change. */
  let deaf: MemberRegistry;

  beforeEach(async () => {
    deaf = create();
    await deaf.list();
  });

  it('are all that it reads', async () => {
    await registries[5]!.remove('member-5');
    await registries[6]!.announce(infoOf(6, ['size']));
    await registries[7]!.remove('member-7');
    await create().announce(infoOf(7, ['weight']));
    const { infos, lengths } = await list(deaf);
    expect(lengths).toEqual([TRAILER + 8]);
    expect(infos).toHaveLength(MEMBERS - 1);
    expect(infos.find(({ member }) => member === 'member-5')).toBeUndefined();
    expect(infos.find(({ member }) => member === 'member-6')!.answers).toEqual(['size']);
    expect(infos.find(({ member }) => member === 'member-7')!.answers).toEqual(['weight']);
    expect((await list(deaf)).lengths).toEqual([TRAILER]);
  });

  it('are read in pages if they are many', async () => {
    const changed = registries.slice(0, CHANGED);
    await Promise.all(changed.map((each, index) => each.announce(infoOf(index, ['size']))));
    const { infos, lengths } = await list(deaf);
    expect(lengths).toEqual([TRAILER + 400, TRAILER + 2 * CHANGED - 400]);
    expect(infos.filter(({ answers }) => answers.includes('size'))).toHaveLength(CHANGED);
    expect(infos).toHaveLength(MEMBERS);
  });

  it('are read in pages also if a foreign client has written among them', async () => {
    const changed = registries.slice(0, CHANGED);
    await Promise.all(changed.map((each, index) => each.announce(infoOf(index, ['size']))));
    // One of those on the first page.
    const [, version] = (await server.command(
      'ZRANGE',
      ofKey('bus-changes'),
      '-200',
      '-200',
      'WITHSCORES',
    )) as string[];
    await server.command('ZADD', ofKey('bus-changes'), version!, 'x');
    const { infos, lengths } = await list(deaf);
    expect(lengths).toEqual([TRAILER + 398, TRAILER + 2 * CHANGED - 398]);
    expect(infos.filter(({ answers }) => answers.includes('size'))).toHaveLength(CHANGED);
  });

  it('are read also if it has heard only the later ones', async () => {
    await registries[5]!.remove('member-5');
    await link.subscriber.subscribe(deaf.channel, text => {
      told.push(text);
      deaf.heard(text);
    });
    await registries[6]!.announce(infoOf(6, ['size']));
    await areTold(1);
    const { infos, lengths } = await list(deaf);
    expect(lengths).toEqual([TRAILER + 4]);
    expect(infos).toHaveLength(MEMBERS - 1);
    await registries[7]!.announce(infoOf(7, ['size']));
    await areTold(2);
    expect((await list(deaf)).lengths).toEqual([TRAILER]);
  });

  it.each([
    ['by a client that does not remember them', ['SET', 'bus-version', '9000000000000000']],
    ['and are not remembered any more', ['DEL', 'bus-changes']],
  ])('%s: the whole list is read', async (_, [command, key, ...args]) => {
    await registries[5]!.remove('member-5');
    await server.command(command!, ofKey(key!), ...args);
    await registries[6]!.remove('member-6');
    const { infos, lengths } = await list(deaf);
    expect(lengths.length).toBeGreaterThan(2);
    expect(infos).toHaveLength(MEMBERS - 2);
  });
});

it('reads the whole list if it is shorter than the changes', async () => {
  const deaf = create();
  await deaf.list();
  const leaving = registries.slice(10);
  await Promise.all(leaving.map((each, index) => each.remove(`member-${index + 10}`)));
  const { infos, lengths } = await list(deaf);
  expect(infos).toHaveLength(10);
  expect(lengths.reduce((sum, length) => sum + length - TRAILER, 0)).toBe(2 * 10);
});

it('reads changes among which a foreign client has written', async () => {
  const deaf = create();
  await deaf.list();
  await registries[5]!.remove('member-5');
  const version = Number(await server.command('GET', ofKey('bus-version')));
  await server.command(
    'ZADD',
    ofKey('bus-changes'),
    String(version - 1),
    'x',
    String(version),
    '0',
  );
  expect((await deaf.list()).infos).toHaveLength(MEMBERS - 1);
});

it('reads changes that replace lost ones, while the clock of the server is behind the versions', async () => {
  const deaf = create();
  const [five, six] = [registries[5]!, registries[6]!];
  await server.command('SET', ofKey('bus-version'), String((Date.now() + 3_600_000) * 1_000));
  const seen: boolean[] = [];
  for (const topic of ['a', 'b', 'c', 'd']) {
    const version = String(await server.command('GET', ofKey('bus-version')));
    const former = String(await server.command('HGET', ofKey('bus'), 'member-5'));
    await five.announce(infoOf(5, [topic]));
    await deaf.list();
    // A replica that does not have the last change becomes the master.
    await server.command('SET', ofKey('bus-version'), version);
    await server.command('HSET', ofKey('bus'), 'member-5', former);
    await server.command('DEL', ofKey('bus-changes'));
    await six.announce(infoOf(6, [topic]));
    const { infos } = await deaf.list();
    seen.push(infos.find(({ member }) => member === 'member-6')!.answers.includes(topic));
  }
  // One of 1,000 versions is the same by chance.
  expect(seen.filter(Boolean).length).toBeGreaterThan(1);
});

/** The leases of all members end. */
async function endLeases(): Promise<void> {
  const leases = registries.flatMap((_, index) => ['1', `member-${index}`]);
  await server.command('ZADD', ofKey('bus-leases'), ...leases);
}

describe('very many late members', () => {
  it('are removed only if they do not come back, and told in few messages', async () => {
    const registry = await listener();
    await registry.list();
    await endLeases();
    expect((await registry.list()).infos).toHaveLength(MEMBERS);
    expect(told).toEqual([]);
    // The time is over for which they are kept.
    await server.command('PEXPIRE', ofKey('bus-patience'), String(4 * MEMBERS));
    await registry.list();
    await areTold(MEMBERS / 50);
    const { infos, lengths } = await list(registry);
    expect({ infos, lengths }).toEqual({ infos: [], lengths: [TRAILER] });
  });

  it.each([
    [
      'the others have left, so that they are few',
      async () => {
        await Promise.all(
          registries.slice(0, 300).map((each, index) => each.remove(`member-${index}`)),
        );
      },
    ],
    [
      'their time is over, and some of the others have left',
      async () => {
        await Promise.all(
          registries.slice(0, 100).map((each, index) => each.remove(`member-${index}`)),
        );
        await server.command('PEXPIRE', ofKey('bus-patience'), String(4 * MEMBERS));
      },
    ],
    [
      'the clock of the server was set back',
      async () => {
        await server.command('PEXPIRE', ofKey('bus-patience'), '3600000');
      },
    ],
  ])('are removed if %s', async (_, act) => {
    const registry = await listener();
    await registry.list();
    await endLeases();
    expect((await registry.list()).infos).toHaveLength(MEMBERS);
    await act();
    await registry.list();
    expect(await server.command('HLEN', ofKey('bus'))).toBe(0);
  });

  it('are not removed after an outage, in which none could renew its lease', async () => {
    const registry = await listener();
    await server.command('SET', ofKey('bus-beat'), '1');
    await registry.list();
    await endLeases();
    expect((await registry.list()).infos).toHaveLength(MEMBERS);
    const patience = Number(await server.command('PTTL', ofKey('bus-patience')));
    expect(patience).toBeGreaterThan(8 * MEMBERS);
    expect(patience).toBeLessThanOrEqual(8 * MEMBERS + 10_000);
    expect(told).toEqual([]);
  });
});

const ofKey = (what: string): string => keys.of(what, 'members');

/** As after the time in which members come back. */
async function later(): Promise<void> {
  const created = Number(await server.command('GET', ofKey('bus-created')));
  await server.command('SET', ofKey('bus-created'), String(created - 20_000_000));
  await server.command('DEL', ofKey('bus-restore'));
}

describe('members that the server has lost', () => {
  const RESTORED = 300;

  let known: KnownMembers;
  let listening: MemberRegistry;
  let restored: MemberRegistry[];

  beforeEach(async () => {
    await Promise.all(registries.map((registry, index) => registry.remove(`member-${index}`)));
    known = new KnownMembers();
    // Each of them knows all others; one list in this process is enough.
    restored = Array.from({ length: RESTORED }, () => create(known));
    await Promise.all(restored.map((registry, index) => registry.announce(infoOf(index))));
    listening = await listener(known);
    await listening.list();
    expect(known.count).toBe(RESTORED);
  });

  afterEach(async () => {
    await Promise.all(restored.map((registry, index) => registry.remove(`member-${index}`)));
  });

  it('are restored silently, and nobody reads the list if nobody is missing', async () => {
    await server.command('FLUSHALL');
    await Promise.all(restored.slice(1).map(registry => registry.announceAgain()));
    const kept = await list(listening);
    expect(kept.infos).toHaveLength(RESTORED);
    expect(kept.lengths).toEqual([TRAILER]);
    expect(kept.wait).toBeGreaterThan(0);
    await restored[0]!.announceAgain();
    await later();
    const confirmed = await list(listening);
    expect(confirmed).toMatchObject({ lengths: [TRAILER], wait: 0 });
    expect(confirmed.infos).toHaveLength(RESTORED);
    expect(known.version).not.toBe('');
    expect(told).toEqual([]);
  });

  it('are missing when the others have come back, if they have ended meanwhile', async () => {
    await server.command('FLUSHALL');
    await Promise.all(restored.slice(5).map(registry => registry.announceAgain()));
    expect((await list(listening)).infos).toHaveLength(RESTORED);
    await later();
    const { infos, lengths } = await list(listening);
    expect(infos).toHaveLength(RESTORED - 5);
    expect(lengths.length).toBeGreaterThan(1);
  });

  it('are gone at once if they leave before they are restored', async () => {
    await server.command('FLUSHALL');
    await Promise.all(restored.slice(5).map(registry => registry.announceAgain()));
    await restored[0]!.remove('member-0');
    await areTold(1);
    expect(JSON.parse(told[0]!)).toMatchObject({ left: 'member-0' });
    const { infos, lengths } = await list(listening);
    expect(lengths).toEqual([TRAILER]);
    expect(infos).toHaveLength(RESTORED - 1);
    // Another member has found that this one is dead.
    await listening.remove('member-1');
    await areTold(2);
    expect(JSON.parse(told[1]!)).toMatchObject({ left: 'member-1' });
  });

  it('are compared also if they were told and not listed', async () => {
    await restored[0]!.announce(infoOf(0, ['size', 'ä"']));
    await restored[1]!.remove('member-1');
    await areTold(2);
    await server.command('FLUSHALL');
    await Promise.all([restored[0]!, ...restored.slice(2)].map(each => each.announceAgain()));
    expect((await list(listening)).infos).toHaveLength(RESTORED - 1);
    await later();
    expect((await list(listening)).lengths).toEqual([TRAILER]);
    expect(known.version).not.toBe('');
    // And not if one of them differs.
    await server.command('FLUSHALL');
    await Promise.all([restored[0]!, ...restored.slice(2)].map(each => each.announceAgain()));
    expect((await list(listening)).lengths).toEqual([TRAILER]);
    await server.command('HDEL', ofKey('bus'), 'member-7');
    await later();
    const { infos, lengths } = await list(listening);
    expect(lengths.length).toBeGreaterThan(1);
    expect(infos).toHaveLength(RESTORED - 2);
  });

  it('are told if they come back later than the others', async () => {
    await server.command('FLUSHALL');
    await Promise.all(restored.slice(1).map(registry => registry.announceAgain()));
    await later();
    await restored[0]!.announceAgain();
    await areTold(1);
    expect(JSON.parse(told[0]!)).toMatchObject({ told: infoOf(0) });
  });

  it('are told if they come back with other data', async () => {
    await server.command('FLUSHALL');
    await restored[0]!.announce(infoOf(0, ['size']));
    await areTold(1);
    expect(JSON.parse(told[0]!)).toMatchObject({ told: infoOf(0, ['size']) });
    const { infos } = await list(listening);
    expect(infos).toHaveLength(RESTORED);
    expect(infos.find(({ member }) => member === 'member-0')?.answers).toEqual(['size']);
  });

  it('are read again by a member that has started meanwhile', async () => {
    await server.command('FLUSHALL');
    await restored[0]!.announceAgain();
    const { infos, wait } = await list(create());
    expect(infos).toHaveLength(1);
    expect(wait).toBeGreaterThan(0);
  });

  it('are read again soon, also if the clock of the server was set back', async () => {
    await server.command('SET', ofKey('bus-restore'), '1', 'PX', '3600000');
    expect((await list(create())).wait).toBeLessThanOrEqual(10_000);
  });

  it('are told at once if they are few', async () => {
    const few = new KnownMembers();
    const one = create(few);
    await one.announce(infoOf(0));
    await server.command('FLUSHALL');
    await one.announceAgain();
    await areTold(1);
    await one.remove('member-0');
  });
});
