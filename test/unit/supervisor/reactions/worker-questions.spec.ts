import { beforeEach, describe, expect, it } from 'vitest';
import type { HostStatus } from '../../../../src/model/host-status.interface.js';
import { HostStoppingError } from '../../../../src/model/errors/host-stopping.error.js';
import { WorkerFailedError } from '../../../../src/supervisor/commands/worker-failed.error.js';
import { WorkerQuestions } from '../../../../src/supervisor/reactions/worker-questions.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

const STATUS = { wanted: 2 } as HostStatus;

let worker: FakeWorkerHandle;
/** The result of the next command. */
let command: () => Promise<unknown>;
let asked: unknown[][];
let questions: WorkerQuestions;

beforeEach(() => {
  worker = new FakeWorkerHandle(1);
  asked = [];
  command = () => Promise.resolve({ generation: 1, duration: 5 });
  questions = new WorkerQuestions({
    gracefulRemoval: {
      remove: async (_: unknown, cause: string) => ({ cause, timeout: 9 }),
    } as never,
    overload: { ask: (_: unknown, delay: number) => delay > 50 } as never,
    reloads: {
      ask: (caller: unknown) => {
        asked.push(['reload', caller]);
        return command();
      },
    } as never,
    scaling: {
      to: (wanted: (now: number) => number) => {
        asked.push(['scale', wanted(2)]);
        return command();
      },
    } as never,
    services: {
      onQuestion: (client: unknown, { name }: { name: string }) => {
        asked.push([name, client]);
      },
    } as never,
    status: () => STATUS,
    takesConnections: ({ port }) => port === 3000,
    portClaims: { claim: async (by, { port }) => by === worker && port === 3000 },
  });
});

async function ask(name: string, params: unknown = null): Promise<unknown[]> {
  const answers: unknown[] = [];
  await questions.onQuestion(worker.handle, {
    name,
    params,
    answer: answer => answers.push(answer),
  });
  return answers;
}

describe('WorkerQuestions', () => {
  it.each([
    ['flush', null, null],
    ['status', null, STATUS],
    ['leave', 'close', { cause: 'close', timeout: 9 }],
    ['overloaded', 60, true],
    ['overloaded', 40, false],
    ['takesConnections', { address: '::', port: 3000 }, true],
    ['takesConnections', { address: '::', port: 3001 }, false],
    ['claimPort', { address: '::', port: 3000, ipv6Only: false }, true],
    ['claimPort', { address: '::', port: 3001, ipv6Only: false }, false],
    ['reload', null, { type: 'done', value: { generation: 1, duration: 5 } }],
  ])('answers %s (%j) with %j', async (name, params, answer) => {
    expect(await ask(name, params)).toEqual([answer]);
  });

  it('knows who waits for a reload, and how many workers are wanted', async () => {
    await ask('reload');
    await ask('scale', 4);
    expect(asked).toEqual([
      ['reload', worker],
      ['scale', 4],
    ]);
  });

  it.each(['reload', 'scale'])('answers a %s that fails with the reason', async name => {
    const failed = new FakeWorkerHandle(0, 1);
    failed.ends('boot-failed');
    failed.ending.error = 'Error: no database';
    command = () => Promise.reject(new WorkerFailedError(failed.handle));
    expect(await ask(name, 3)).toEqual([
      {
        type: 'failed',
        failure: {
          why: expect.stringContaining('Last error: Error: no database'),
          generation: 1,
          worker: { slot: 0, pid: failed.pid, reason: 'boot-failed', output: '' },
        },
      },
    ]);
    command = () => Promise.reject(new HostStoppingError());
    expect(await ask(name, 3)).toEqual([{ type: 'stopping' }]);
    command = () => Promise.reject(new TypeError('bug'));
    expect(await ask(name, 3)).toEqual([{ type: 'broken', why: 'TypeError: bug' }]);
  });

  it('leaves all other questions to the services', async () => {
    expect(await ask('apply')).toEqual([]);
    expect(asked).toEqual([['apply', worker]]);
  });
});
