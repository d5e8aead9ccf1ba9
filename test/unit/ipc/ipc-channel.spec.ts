import { describe, expect, it } from 'vitest';
import { PrimaryRequestError, PrimaryUnreachableError } from '../../../src/index.js';
import {
  type PrimaryChannel,
  primaryProtocol,
  type Question,
  type ToPrimary,
  type WorkerChannel,
  workerProtocol,
} from '../../support/all-features.js';
import { type Hello, ownHello, PROTOCOL_VERSION } from '../../../src/ipc/protocol-version.js';
import { IpcChannel } from '../../../src/ipc/ipc-channel.js';
import { settle } from '../../support/fakes/fake-clock.js';
import { FakeLink } from '../../support/fakes/fake-link.js';

function connected(
  onQuestion: (question: Question) => void | Promise<void> = () => {},
  onMessage: (message: ToPrimary) => void = () => {},
  hello: Hello | null = ownHello(),
) {
  const [near, far] = FakeLink.pair();
  const received: string[] = [];
  const invalid: string[] = [];
  const faults: string[] = [];
  const incompatible: (Hello | undefined)[] = [];
  const reports = {
    onInvalid: (reason: string) => void invalid.push(reason),
    onFault: (what: string, error: unknown) => void faults.push(`${what}: ${String(error)}`),
  };
  const worker: WorkerChannel = new IpcChannel(near, workerProtocol, {
    ...reports,
    onMessage: () => {},
  });
  if (hello) {
    worker.introduce(hello);
  }
  const primary: PrimaryChannel = new IpcChannel(far, primaryProtocol, {
    ...reports,
    onMessage: message => {
      received.push(message.type === 'client' ? message.client : message.type);
      onMessage(message);
    },
    onQuestion,
    onIncompatible: other => void incompatible.push(other),
  });
  const post = (client: string): Promise<void> => worker.post({ type: 'client', client });
  return { near, far, worker, primary, received, invalid, faults, incompatible, post };
}

describe('IpcChannel', () => {
  it('sends everything of one turn as one envelope, in order', async () => {
    const { near, post, received } = connected();
    await Promise.all(['one', 'two', 'three'].map(post));
    await post('four');
    expect(received).toEqual(['one', 'two', 'three', 'four']);
    expect(near.sent).toHaveLength(2);
  });

  it('sends at once, and in order, what is said just before the end', async () => {
    const { near, worker, post, received } = connected();
    const before = post('before');
    worker.postNow({ type: 'client', client: 'last' });
    expect(near.sent).toHaveLength(1);
    await before;
    await settle();
    expect(received).toEqual(['before', 'last']);
    expect(near.sent).toHaveLength(1);
  });

  it('ignores what is not its own', async () => {
    const { far, received, invalid } = connected();
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
    expect(invalid).toEqual([]);
  });

  it('answers questions', async () => {
    const { worker } = connected(question => {
      if (question.name === 'leave') {
        question.answer({ cause: question.params, timeout: 5 });
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
    const { near, post } = connected();
    const posted = post('too late');
    near.close();
    await posted;
    await post('later still');
    expect(near.sent).toEqual([]);
  });

  it('leaves no listener behind', () => {
    const { near, worker } = connected();
    worker.close();
    expect(near.listenerCount('message') + near.listenerCount('disconnect')).toBe(0);
  });

  it.each([
    [null],
    [5],
    ['text'],
    [{}],
    [[null]],
    [[5]],
    [[{}]],
    [[[]]],
    [[{ message: null }]],
    [[{ message: {} }]],
  ])('ignores an envelope with %j, and tells of it once', async content => {
    const { far, post, received, invalid } = connected();
    await post('before');
    far.emit('message', { 'nestjs-cluster': content });
    far.emit('message', { 'nestjs-cluster': content });
    await post('after');
    expect(received).toEqual(['before', 'after']);
    expect(invalid).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['execute', null],
    ['execute', {}],
    ['execute', { client: 'c', batch: { operations: [{ name: 'unheardOf' }] } }],
    ['recall', null],
    ['bus', { what: 'join' }],
    ['bus', { what: 'publish', channel: 'elsewhere:x', text: '{}' }],
    ['leave', 'boredom'],
    ['scale', -5],
    ['scale', 1.5],
    ['scale', 1_000_000],
    ['overloaded', null],
    ['flush', 5],
    ['unheardOf', null],
    ['__proto__', null],
    ['constructor', null],
  ])('refuses the question %s with %j', async (name, params) => {
    const asked: unknown[] = [];
    const { worker, invalid } = connected(question => void asked.push(question));
    const answer = worker.ask(name as never, params as never, 5_000);
    await expect(answer).rejects.toThrow(PrimaryRequestError);
    await expect(answer).rejects.toMatchObject({
      code: 'CLUSTER_PRIMARY_REQUEST',
      mayBeApplied: false,
    });
    expect(asked).toEqual([]);
    expect(invalid).toHaveLength(1);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('a fault'))],
    [
      'throws',
      () => {
        throw new Error('a fault');
      },
    ],
  ])('answers a question of which the handler %s, and tells of the fault', async (_, handle) => {
    const { worker, faults } = connected(handle);
    const answer = worker.ask('flush', null, 5_000);
    await expect(answer).rejects.toMatchObject({ mayBeApplied: true });
    await expect(answer).rejects.toThrow('a fault');
    expect(faults).toEqual(['the question "flush": Error: a fault']);
  });

  it('survives a handler of messages that throws', async () => {
    const { post, received, faults } = connected(undefined, () => {
      throw new Error('a fault');
    });
    await post('one');
    await post('two');
    expect(received).toEqual(['one', 'two']);
    expect(faults).toEqual(['the message "client": Error: a fault']);
  });

  it('rejects an answer that makes no sense', async () => {
    const { worker, invalid } = connected(question => question.answer('text' as never));
    await expect(worker.ask('status', null, 5_000)).rejects.toThrow(PrimaryRequestError);
    expect(invalid).toHaveLength(1);
  });

  it('requires as many results as there are operations, and each as its operation has them', async () => {
    const batch = { partition: 0, lane: 'l', sequence: 1, deadline: 1, replicas: 0 };
    const operations = [{ name: 'get', key: 'k' } as const];
    for (const results of [[], [5], [null, null]]) {
      const { worker } = connected(question =>
        question.answer({ type: 'applied', results } as never),
      );
      const answer = worker.ask('execute', { client: 'c', batch: { ...batch, operations } }, 5_000);
      await expect(answer).rejects.toMatchObject({ mayBeApplied: true });
    }
  });

  it('answers once, however often it is told to', async () => {
    const { far, worker } = connected(question => {
      question.answer(null as never);
      question.answer(null as never);
    });
    await worker.ask('flush', null, 5_000);
    await settle();
    expect(far.sent).toHaveLength(1);
    expect(JSON.stringify(far.sent[0]).match(/answers/g)).toHaveLength(1);
  });

  it('tells of what cannot be sent, and sends the rest', async () => {
    const { worker, post, received, faults } = connected();
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const sent = Promise.all([post('one'), worker.post({ type: 'left', phases: cyclic as never })]);
    const answer = worker.ask('flush', cyclic as never, 5_000);
    const rejected = expect(answer).rejects.toMatchObject({ mayBeApplied: false });
    await sent;
    await post('two');
    await rejected;
    expect(received).toEqual(['one', 'two']);
    expect(faults).toHaveLength(1);
  });

  it.each([
    ['an older one, which has none', null, undefined],
    ['a newer one', { protocol: PROTOCOL_VERSION + 1, version: '9.9.9' }, '9.9.9'],
  ])('takes nothing from another version: %s', async (_, hello, version) => {
    const asked: unknown[] = [];
    const { worker, post, received, incompatible } = connected(
      question => void asked.push(question),
      undefined,
      hello,
    );
    await post('one');
    await expect(worker.ask('flush', null, 5_000)).rejects.toThrow(/versions/);
    expect(received).toEqual([]);
    expect(asked).toEqual([]);
    expect(incompatible.map(other => other?.version)).toEqual([version]);
  });

  it('is not put off by nonsense before the version', async () => {
    const { far, post, received, incompatible } = connected();
    far.emit('message', { 'nestjs-cluster': null });
    far.emit('message', {
      'nestjs-cluster': [{ hello: null }, { message: null }, { message: {} }],
    });
    far.emit('message', { 'nestjs-cluster': [{ question: 'unheardOf', id: 1, params: null }] });
    await post('one');
    expect(received).toEqual(['one']);
    expect(incompatible).toEqual([]);
  });
});
