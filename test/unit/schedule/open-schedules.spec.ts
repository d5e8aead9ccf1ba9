import { expect, it } from 'vitest';
import { controlAnswersOf } from '../../../src/control/control-answers.js';
import type { HostChannel } from '../../../src/ipc/host-channel.interface.js';
import type { Runtime } from '../../../src/runtime/runtime.js';
import type { JobStatus } from '../../../src/schedule/index.js';
import { openSchedulesOf } from '../../../src/schedule/open-schedules.js';

const job = (name: string): JobStatus => ({ name, kind: 'interval', run: 'once', isPaused: false });

const schedule = (...names: string[]) => ({ jobs: () => Promise.resolve(names.map(job)) });

const channel = { open: () => ({ post: () => {} }) } as unknown as HostChannel;

it('answers with the jobs of all applications of the process, as long as they are open', async () => {
  const runtime = { host: { channel } } as Pick<Runtime, 'host'>;
  const jobs = async (): Promise<unknown> => {
    const answer = await controlAnswersOf(runtime).answer('jobs');
    return answer.type === 'value' ? (answer.value as JobStatus[]).map(({ name }) => name) : answer;
  };
  expect(await jobs()).toEqual({ type: 'unused' });
  const schedules = openSchedulesOf(runtime);
  const close = schedules.add(schedule('clean', 'report'));
  openSchedulesOf(runtime).add(schedule('report', 'mail'));
  expect(await jobs()).toEqual(['clean', 'report', 'mail']);
  close();
  expect(await jobs()).toEqual(['report', 'mail']);
});
