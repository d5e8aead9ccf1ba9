import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Receipts } from '../../chaos/receipts.js';
import { Excuses } from '../../chaos/excuses.js';
import { judgeCounter, judgeLock, judgeTopic } from '../../chaos/judgement.js';
import { seededRandom, shuffled } from '../../chaos/random.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-judgement-'));
});
afterEach(() => rm(directory, { recursive: true }));

const enter = (token: number, pid = token) => ({ what: 'enter', token, pid });
const leave = (token: number, held = true, pid = token) => ({ what: 'leave', token, pid, held });
const record = (name: string, lines: readonly object[]): Promise<void> =>
  writeFile(join(directory, name), lines.map(line => `${JSON.stringify(line)}\n`).join(''));

function receipts({
  counted = [],
  maybeCounted = 0,
  published = [],
}: Partial<{
  counted: number[];
  maybeCounted: number;
  published: string[];
}>): Receipts {
  const told = new Receipts();
  told.counted.push(...counted);
  told.maybeCounted = maybeCounted;
  published.forEach(id => told.published.add(id));
  return told;
}

describe('the judgement of a chaos run', () => {
  it.each([
    [{ counted: [1, 2, 3] }, 3, []],
    [{ counted: [1, 3], maybeCounted: 2 }, 3, []],
    [{ counted: [1, 2, 2] }, 3, ['1 increments returned a value that another one returned.']],
    [{ counted: [1, 2, 3] }, 2, ['1 acknowledged increments are lost.']],
    [{ counted: [1, 2], maybeCounted: 1 }, 5, ['2 increments were applied more than once.']],
  ])('of a counter: %j and %i', (told, count, violations) => {
    expect(judgeCounter(receipts(told), count).violations).toEqual(violations);
  });

  it.each([
    ['one after the other', [enter(1), leave(1), enter(2), leave(2)], []],
    [
      'two at a time',
      [enter(1), enter(2), leave(1), leave(2)],
      [/two holders 1 times: tokens 1,2/],
    ],
    ['the first was killed', [enter(1), enter(2), leave(2)], []],
    ['the first was told that it lost it', [enter(1), enter(2), leave(1, false), leave(2)], []],
    ['the first was paused', [enter(1, 99), enter(2), leave(1, true, 99), leave(2)], []],
    ['a token twice', [enter(1), leave(1), enter(1), leave(1)], [/Tokens were given twice: 1/]],
  ])('of a lock: %s', async (_, lines, violations) => {
    await record('till', lines);
    const found = (await judgeLock(directory, new Set([99]))).violations;
    expect(found).toHaveLength(violations.length);
    violations.forEach((pattern, index) => expect(found[index]).toMatch(pattern));
  });

  it('of a durable topic', async () => {
    await record('books', [
      { pid: 1, id: 'a' },
      { pid: 1, id: 'a' },
    ]);
    const { facts, violations } = await judgeTopic(directory, receipts({ published: ['a'] }));
    expect(facts[0]).toContain('1 confirmed events, 2 handled, 1 of them again');
    expect(violations).toEqual([]);
    await record('books', [
      { pid: 1, id: 'a' },
      { pid: 1, gap: { size: 3 } },
    ]);
    const withGap = await judgeTopic(directory, receipts({ published: ['a'] }));
    expect(withGap.violations).toEqual([expect.stringMatching(/^Gaps were reported: .*"size":3/)]);
    const missing = await judgeTopic(directory, receipts({ published: ['a', 'b'] }), 0);
    expect(missing.violations[0]).toBe('1 confirmed events were not handled: b.');
  });
});

describe('an excuse', () => {
  const requestFailure = { kind: 'reset', code: 'ECONNRESET', reused: true } as const;

  it('is a kill just before, for connections that were open then', () => {
    const excuses = new Excuses();
    excuses.killed(10_000);
    expect(excuses.explain({ ...requestFailure, openedAt: 9_000 }, 10_500)).toBe(true);
    expect(excuses.explain({ ...requestFailure, openedAt: 10_100 }, 10_500)).toBe(false);
    expect(excuses.explain({ ...requestFailure, openedAt: 9_000 }, 12_000)).toBe(false);
    expect(excuses.explain({ ...requestFailure, kind: 'hung', openedAt: 9_000 }, 10_500)).toBe(
      false,
    );
    expect(excuses.explain({ ...requestFailure, kind: '5xx', openedAt: 9_000 }, 10_500)).toBe(
      false,
    );
  });

  it('is that no host runs, which cuts nothing when it was stopped in good order', () => {
    const excuses = new Excuses();
    const over = excuses.begin('stopped');
    const now = Date.now();
    expect(excuses.explain({ ...requestFailure, kind: 'refused' }, now)).toBe(true);
    expect(excuses.explain({ ...requestFailure, openedAt: now - 1_000 }, now)).toBe(false);
    over();
    expect(excuses.explain({ ...requestFailure, kind: 'refused' }, now + 60_000)).toBe(false);
  });
});

describe('the order of faults', () => {
  it('is determined by the seed, and misses none', () => {
    const faults = ['a', 'b', 'c', 'd', 'e'];
    const first = shuffled(faults, seededRandom(7));
    expect(shuffled(faults, seededRandom(7))).toEqual(first);
    expect(first.toSorted()).toEqual(faults);
    const orders = [1, 2, 3, 4, 5, 6].map(seed => shuffled(faults, seededRandom(seed)).join(''));
    expect(new Set(orders).size).toBeGreaterThan(1);
  });
});
