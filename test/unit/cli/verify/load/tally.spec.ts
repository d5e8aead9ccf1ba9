import { describe, expect, it } from 'vitest';
import {
  codeOf,
  kindOfError,
  kindOfStatus,
} from '../../../../../src/cli/verify/load/request-failure.js';
import { Kills } from '../../../../../src/cli/verify/load/kills.js';
import { joined } from '../../../../../src/cli/verify/load/phase.js';
import { Tally } from '../../../../../src/cli/verify/load/tally.js';

function failing(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe('what an error means', () => {
  it.each([
    ['connect ECONNREFUSED', 'ECONNREFUSED', false, 'refused', 'ECONNREFUSED'],
    ['read ECONNRESET', 'ECONNRESET', false, 'refused', 'ECONNRESET'],
    ['read ECONNRESET', 'ECONNRESET', true, 'reset', 'ECONNRESET'],
    ['write EPIPE', 'EPIPE', true, 'reset', 'EPIPE'],
    ['socket hang up', 'ECONNRESET', true, 'lost', 'socket hang up'],
    ['aborted', 'ECONNRESET', true, 'lost', 'aborted'],
    ['something else', undefined, true, 'reset', 'something else'],
  ])('%s (%s), connected: %s', (message, code, connected, kind, shown) => {
    const error = failing(message, code);
    expect(kindOfError(error, connected)).toBe(kind);
    expect(codeOf(error)).toBe(shown);
  });

  it.each([
    [200, undefined],
    [204, undefined],
    [302, 'wrong'],
    [404, 'wrong'],
    [500, '5xx'],
    [503, '5xx'],
  ])('status %i', (status, kind) => expect(kindOfStatus(status)).toBe(kind));
});

describe('what a killed worker takes with it', () => {
  const kills = new Kills();
  kills.add(10_000);
  const lost = { kind: 'lost', code: 'socket hang up', reused: true } as const;

  it('is what was connected before, and cut right after', () => {
    expect(kills.explain({ ...lost, openedAt: 9_000 }, 10_010)).toBe(true);
    expect(kills.explain({ ...lost, kind: 'reset', openedAt: 10_000 }, 10_900)).toBe(true);
  });

  it('is nothing else: not what was cut before or long after, nor what came later', () => {
    expect(kills.explain({ ...lost, openedAt: 9_000 }, 9_999)).toBe(false);
    expect(kills.explain({ ...lost, openedAt: 9_000 }, 11_001)).toBe(false);
    expect(kills.explain({ ...lost, openedAt: 10_001 }, 10_300)).toBe(false);
  });

  it('is never what was refused, hung, or badly answered', () => {
    expect(kills.explain({ ...lost, kind: 'refused' }, 10_010)).toBe(false);
    for (const kind of ['hung', '5xx', 'wrong'] as const) {
      expect(kills.explain({ ...lost, kind, openedAt: 9_000 }, 10_010)).toBe(false);
    }
  });
});

describe('the tally', () => {
  const lost = { kind: 'lost', code: 'socket hang up', reused: true, openedAt: 900 } as const;

  it('counts answers, failures and clean ends by kind of client', () => {
    const tally = new Tally(new Kills());
    tally.enter('keep-alive', 32);
    tally.enter('sse', 8);
    tally.answer('keep-alive', 5, 'rest');
    tally.fail('keep-alive', lost, 1_000);
    tally.answer('sse', 5, 'rest');
    tally.endCleanly('sse');
    expect(tally.answered).toBe(2);
    expect(tally.counts()).toMatchObject({
      'keep-alive': { clients: 32, answered: 1, endedCleanly: 0, failures: { lost: 1, reset: 0 } },
      sse: { clients: 8, answered: 1, endedCleanly: 1, failures: { lost: 0 } },
    });
    expect(tally.failures).toEqual([{ ...lost, client: 'keep-alive', at: 1_000 }]);
  });

  it('counts what kills have cut apart', () => {
    const kills = new Kills();
    kills.add(990);
    const tally = new Tally(kills);
    tally.enter('one-shot', 1);
    tally.fail('one-shot', lost, 1_000);
    tally.fail('one-shot', { ...lost, kind: 'hung' }, 1_000);
    expect(tally.counts()['one-shot']).toMatchObject({
      cutByKills: 1,
      failures: { lost: 0, hung: 1 },
    });
    expect(tally.failures).toMatchObject([{ kind: 'hung', sinceKill: 10 }]);
  });

  it('keeps latencies at rest apart from those during reloads', () => {
    const tally = new Tally(new Kills());
    tally.enter('keep-alive', 1);
    tally.phase = 'rest';
    for (let milliseconds = 1; milliseconds <= 100; milliseconds++) {
      tally.answer('keep-alive', milliseconds, 'rest');
    }
    tally.phase = 'reload';
    tally.answer('keep-alive', 500, 'rest');
    tally.phase = 'other';
    tally.answer('keep-alive', 9_000, 'rest');
    const { atRest, duringReloads } = tally.counts()['keep-alive']!;
    expect([atRest.count, duringReloads.count]).toEqual([100, 1]);
    expect([atRest.p50, atRest.p99]).toEqual([expect.closeTo(50, 1), expect.closeTo(99, 0)]);
    expect(Math.abs(duringReloads.p50! - 500)).toBeLessThan(0.5);
    expect(duringReloads.p99).toBe(duringReloads.p50);
  });

  it('takes a request that saw a reload for one of it, however it began', () => {
    expect(joined('rest', 'rest')).toBe('rest');
    expect(joined('rest', 'reload')).toBe('reload');
    expect(joined('reload', 'other')).toBe('reload');
    expect(joined('other', 'rest')).toBe('other');
  });

  it('counts nothing once it is closed', () => {
    const tally = new Tally(new Kills());
    tally.enter('sse', 1);
    tally.close();
    tally.answer('sse', 1, 'rest');
    tally.endCleanly('sse');
    tally.fail('sse', lost, 1_000);
    expect(tally.counts().sse).toMatchObject({ answered: 0, endedCleanly: 0 });
    expect(tally.failures).toEqual([]);
  });
});
