import { expect } from 'vitest';
import { upTo } from '../../support/numbers.js';
import { isSame } from '../../support/remote-bus.js';
import type { Example } from './example.js';

/** A timeout in milliseconds that no request reaches. */
const LONG = 30_000;
const SHORT = 300;

const MANY = 1_000;

interface Echo {
  readonly question: unknown;
  readonly pid: number;
}

const takeBack = (answers: readonly (() => Promise<void>)[]): Promise<unknown> =>
  Promise.all(answers.map(stop => stop()));

export const ASK_EXAMPLES: readonly Example[] = [
  {
    name: 'a request is answered by every worker, including the one that asks',
    run: async ({ members, key }) => {
      const answers = await Promise.all(members.map(member => member.answer(key)));
      for (const requester of members) {
        const { replies, missing, took } = await requester.ask<Echo>(key, 'how?', {
          timeout: LONG,
        });
        expect(missing).toEqual([]);
        expect(replies).toHaveLength(members.length);
        for (const member of members) {
          const reply = replies.find(({ worker }) => isSame(member, worker));
          expect(reply?.value).toEqual({ question: 'how?', pid: member.pid });
        }
        expect(took).toBeLessThan(LONG / 2);
      }
      await takeBack(answers);
    },
  },
  {
    name: '1,000 requests of each worker at once each get their own answers, and none is missing',
    run: async ({ members, key }) => {
      const answers = await Promise.all(members.map(member => member.answer(key)));
      const results = await Promise.all(
        members.map(requester => requester.call('askMany', key, MANY)),
      );
      for (const ofOne of results) {
        expect(ofOne.flatMap(({ missing }) => missing)).toEqual([]);
        expect(
          ofOne.map(({ replies }) => replies.map(({ value }) => (value as Echo).question)),
        ).toEqual(upTo(MANY).map(n => members.map(() => n)));
      }
      await takeBack(answers);
    },
  },
  {
    name: 'a request that no worker answers resolves at once without replies',
    run: async ({ members, key }) => {
      const unanswered = await members[0]!.ask(key, 1, { timeout: LONG });
      expect(unanswered).toMatchObject({ replies: [], missing: [] });
      expect(unanswered.took).toBeLessThan(LONG / 3);
      const takeItBack = await members.at(-1)!.answer(key);
      expect((await members[0]!.ask(key, 1, { timeout: LONG })).replies).toHaveLength(1);
      await takeItBack();
      const noLonger = await members[0]!.ask(key, 1, { timeout: LONG });
      expect(noLonger).toMatchObject({ replies: [], missing: [] });
      expect(noLonger.took).toBeLessThan(LONG / 3);
    },
  },
  {
    name: 'only workers with an answering handler are asked',
    run: async ({ members, key }) => {
      const takeItBack = await members[0]!.answer(key);
      const { replies, missing } = await members.at(-1)!.ask<Echo>(key, 1);
      expect(replies.map(({ value }) => value.pid)).toEqual([members[0]!.pid]);
      expect(missing).toEqual([]);
      await takeItBack();
    },
  },
  {
    name: 'a worker that fails to answer is missing, with the reason, and the replies of the others are there',
    run: async ({ members, key }) => {
      const failing = members[0]!;
      const answers = await Promise.all(
        members.map(member => member.answer(key, member === failing ? 'fail' : 'echo')),
      );
      for (const requester of members) {
        const { replies, missing } = await requester.ask(key, 'how?', { timeout: LONG });
        expect(replies).toHaveLength(members.length - 1);
        expect(missing).toMatchObject([{ reason: 'failed', worker: { pid: failing.pid } }]);
        expect(missing[0]!.error).toContain('No answer to how?');
      }
      await takeBack(answers);
    },
  },
  {
    name: 'a worker that does not answer in time is missing, and the replies of the others are there',
    run: async ({ members, key }) => {
      const silent = members.at(-1)!;
      const answers = await Promise.all(
        members.map(member => member.answer(key, member === silent ? 'silent' : 'echo')),
      );
      const results = await Promise.all(
        members.map(requester => requester.ask(key, 'how?', { timeout: SHORT })),
      );
      for (const { replies, missing, took } of results) {
        expect(replies).toHaveLength(members.length - 1);
        expect(missing).toMatchObject([{ reason: 'timeout', worker: { pid: silent.pid } }]);
        expect(took).toBeGreaterThanOrEqual(SHORT - 1);
      }
      await takeBack(answers);
    },
  },
];
