import { beforeEach, describe, expect, it } from 'vitest';
import { PrimaryRequestError, PrimaryUnreachableError } from '../../../src/index.js';
import type { Packet } from '../../../src/ipc/envelope.js';
import { PendingQuestions } from '../../../src/ipc/pending-questions.js';

let sent: Packet[];
let questions: PendingQuestions;

beforeEach(() => {
  sent = [];
  questions = new PendingQuestions({ send: packet => Promise.resolve(void sent.push(packet)) });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length;
}

describe('PendingQuestions', () => {
  it('numbers the questions, and settles each by its number', async () => {
    const answers = ['first', 'second'].map(name => questions.ask(name, { of: name }, 60_000));
    expect(sent).toEqual([
      { question: 'first', id: 1, params: { of: 'first' } },
      { question: 'second', id: 2, params: { of: 'second' } },
    ]);
    expect(questions.get(2)).toMatchObject({ name: 'second', params: { of: 'second' } });
    questions.resolve(2, 'two');
    questions.resolve(1, 'one');
    expect(await Promise.all(answers)).toEqual(['one', 'two']);
    expect([questions.get(1), questions.get(2)]).toEqual([undefined, undefined]);
  });

  it('rejects a question with the reason of the other end, which may be any text', async () => {
    const answer = questions.ask('scale', 5, undefined);
    questions.reject(1, { why: 'a\u001b[2Jb', mayBeApplied: true });
    await expect(answer).rejects.toThrow(PrimaryRequestError);
    await expect(answer).rejects.toMatchObject({ mayBeApplied: true });
    await expect(answer).rejects.not.toThrow('\u001b');
  });

  it('leaves no timer behind, however a question is settled', async () => {
    const before = timers();
    const answers = [1, 2, 3].map(number => questions.ask('add', number, 60_000));
    expect(timers()).toBe(before + 3);
    questions.resolve(1, 'one');
    questions.reject(2, { why: 'unknown', mayBeApplied: false });
    questions.rejectAll();
    expect(timers()).toBe(before);
    const settled = await Promise.allSettled(answers);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('rejects a question at its timeout, and ignores an answer that comes later', async () => {
    const answer = questions.ask('status', null, 10);
    await expect(answer).rejects.toThrow('no answer within 10 ms');
    await expect(answer).rejects.toThrow(PrimaryUnreachableError);
    expect(questions.get(1)).toBeUndefined();
    expect(() => {
      questions.resolve(1, 'late');
      questions.reject(1, { why: 'late', mayBeApplied: false });
    }).not.toThrow();
  });

  it('rejects all questions when the channel has closed, and later ones at their timeout', async () => {
    const answers = [questions.ask('flush', null, 60_000), questions.ask('leave', null, undefined)];
    questions.rejectAll();
    for (const answer of answers) {
      await expect(answer).rejects.toThrow('the channel closed');
    }
    expect(questions.get(1)).toBeUndefined();
    await expect(questions.ask('flush', null, 10)).rejects.toThrow('no answer');
  });
});
