import { expect, it } from 'vitest';
import { controlAnswersOf } from '../../../src/control/control-answers.js';
import type { ControlAnswered, ControlQuestion } from '../../../src/control/control.protocol.js';
import type { HostChannel } from '../../../src/ipc/host-channel.interface.js';
import { settle } from '../../support/fakes/fake-clock.js';

it('answers the primary with what the features provide', async () => {
  const posted: ControlAnswered[] = [];
  const listeners: ((question: ControlQuestion) => void)[] = [];
  const open = (_: unknown, onMessage: (question: ControlQuestion) => void) => {
    listeners.push(onMessage);
    return { post: async (message: ControlAnswered) => void posted.push(message) };
  };
  const runtime = { host: { channel: { open } as unknown as HostChannel } };

  const answers = controlAnswersOf(runtime);
  expect(controlAnswersOf(runtime)).toBe(answers);
  expect(listeners).toHaveLength(1);
  const ask = (question: ControlQuestion): void => listeners[0]!(question);

  ask({ type: 'controlQuestion', id: 1, topic: 'jobs' });
  await settle();
  answers.provide('jobs', async () => ['daily']);
  ask({ type: 'controlQuestion', id: 2, topic: 'jobs' });
  answers.provide('doctor', async () => {
    throw new Error('no Redis\nat all');
  });
  ask({ type: 'controlQuestion', id: 3, topic: 'doctor' });
  await settle();
  expect(posted.map(({ id, answer }) => [id, answer])).toEqual([
    [1, { type: 'unused' }],
    [2, { type: 'value', value: ['daily'] }],
    [3, { type: 'failed', why: 'no Redis\\nat all' }],
  ]);
});
