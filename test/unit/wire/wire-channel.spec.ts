import { describe, expect, it } from '@jest/globals';
import { PrimaryUnreachableError } from '../../../src/index.js';
import type { Question } from '../../../src/wire/messages.js';
import { WireChannel } from '../../../src/wire/wire-channel.js';
import { settle } from '../../support/fakes/fake-clock.js';
import { FakeLink } from '../../support/fakes/fake-link.js';

function connected(onQuestion: (question: Question) => void = () => {}) {
  const [near, far] = FakeLink.pair();
  const received: string[] = [];
  const worker = new WireChannel<string, string>(near, () => {});
  const primary = new WireChannel<string, string>(
    far,
    message => received.push(message),
    onQuestion,
  );
  return { near, far, worker, primary, received };
}

describe('WireChannel', () => {
  it('sends everything of one turn as one envelope, in order', async () => {
    const { near, worker, received } = connected();
    await Promise.all(['one', 'two', 'three'].map(message => worker.post(message)));
    await worker.post('four');
    expect(received).toEqual(['one', 'two', 'three', 'four']);
    expect(near.sent).toHaveLength(2);
  });

  it('sends at once, and in order, what is said just before the end', async () => {
    const { near, worker, received } = connected();
    const before = worker.post('before');
    worker.postNow('last');
    expect(near.sent).toHaveLength(1);
    await before;
    await settle();
    expect(received).toEqual(['before', 'last']);
    expect(near.sent).toHaveLength(1);
  });

  it('ignores what is not its own', async () => {
    const { far, received } = connected();
    for (const foreign of [
      null,
      undefined,
      1,
      'text',
      {},
      { type: 'ready' },
      [],
      { cmd: 'NODE_' },
    ]) {
      far.emit('message', foreign);
    }
    await settle();
    expect(received).toEqual([]);
  });

  it('answers questions', async () => {
    const { worker } = connected(question => {
      if (question.name === 'leave') {
        question.answer({ cause: question.asks, timeout: 5 });
      }
    });
    expect(await worker.ask('leave', 'close', 1_000)).toEqual({ cause: 'close', timeout: 5 });
  });

  it('does not wait for an answer longer than it may', async () => {
    const { worker } = connected();
    const unanswered = worker.ask('status', null, 10);
    await expect(unanswered).rejects.toThrow(PrimaryUnreachableError);
    await expect(unanswered).rejects.toMatchObject({ code: 'CLUSTER_PRIMARY_UNREACHABLE' });
  });

  it('rejects what is open when the channel closes, and what is asked afterwards', async () => {
    const { near, worker } = connected();
    const open = worker.ask('flush', null, 60_000);
    await settle();
    near.close();
    await expect(open).rejects.toThrow('the channel closed');
    await expect(worker.ask('flush', null, 60_000)).rejects.toThrow('the channel is closed');
  });

  it('never sends on a closed channel, and never leaves a sender waiting', async () => {
    const { near, worker } = connected();
    const posted = worker.post('too late');
    near.close();
    await posted;
    await worker.post('later still');
    expect(near.sent).toEqual([]);
  });

  it('leaves no listener behind', () => {
    const { near, worker } = connected();
    worker.close();
    expect(near.listenerCount('message') + near.listenerCount('disconnect')).toBe(0);
  });
});
