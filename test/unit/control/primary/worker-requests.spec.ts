import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlError } from '../../../../src/control/control-error.js';
import { type CarryOut, WorkerRequests } from '../../../../src/control/primary/worker-requests.js';
import { RequestsToPrimary } from '../../../../src/control/requests-to-primary.js';
import type { WorkerRequestAnswer } from '../../../../src/control/worker-requests.protocol.js';
import type { HostChannel } from '../../../../src/ipc/host-channel.interface.js';
import type { ServiceClient } from '../../../../src/ipc/primary-service.interface.js';
import { deferred } from '../../../../src/system/async/deferred.js';
import { eventually } from '../../../support/eventually.js';
import { settle } from '../../../support/fakes/fake-clock.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'worker-requests-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A worker whose messages reach the service at once. */
function connect(carryOut: CarryOut, place = directory) {
  const service = new WorkerRequests(carryOut, place);
  const client = { slot: 0, state: 'ready', send: async () => {} } as ServiceClient<never>;
  const open = () => ({
    post: async (message: never) => service.onMessage(client, message),
    ask: (name: never, params: never) =>
      new Promise<WorkerRequestAnswer>(
        answer => void service.onQuestion(client, { name, params, answer }),
      ),
  });
  const requests = new RequestsToPrimary({ open } as unknown as HostChannel);
  return { service, client, requests };
}

const never = new AbortController().signal;

const noFiles = (): Promise<void> =>
  eventually(
    () => readdirSync(directory).length === 0,
    5_000,
    () => readdirSync(directory).join(),
  );

describe('what a worker requests of its primary', () => {
  it('is carried out as for a client of the control socket, and is told who asks', async () => {
    const asked: unknown[][] = [];
    const { requests, client } = connect(async (...args) => {
      asked.push(args);
      return { slot: 1, pid: 7, duration: 5 };
    });
    const pid = await requests.run({ name: 'restart', slot: 1 }, never, value => value.pid);
    expect(pid).toBe(7);
    expect(asked).toEqual([['restart', { slot: 1 }, expect.any(AbortSignal), client]]);
  });

  it('fails with the error, and the output of the worker that failed', async () => {
    const worker = { slot: 1, pid: 7, reason: 'boot-failed', output: 'no database' } as const;
    const { requests } = connect(async () => {
      throw new ControlError('CLUSTER_RESTART_FAILED', 'It failed', worker);
    });
    const failed = requests.run({ name: 'restart', slot: 1 }, never, () => {});
    await expect(failed).rejects.toMatchObject({
      code: 'CLUSTER_RESTART_FAILED',
      message: 'It failed',
      worker,
    });
  });

  it('fails if the code of the primary cannot be loaded', async () => {
    const { requests } = connect(async () => {
      throw new Error('Cannot find module');
    });
    await expect(requests.run({ name: 'trace', slot: 1 }, never, () => {})).rejects.toMatchObject({
      code: 'CONTROL_FAILED',
      message: 'The trace failed: Cannot find module',
    });
  });

  it('ends at once when the worker does not need it any more', async () => {
    let ended: AbortSignal | undefined;
    const answer = deferred<unknown>();
    const { requests } = connect((_name, _params, signal) => {
      ended = signal;
      return answer.promise;
    });
    const leaving = new AbortController();
    const request = requests.run({ name: 'trace', slot: 1 }, leaving.signal, () => {});
    await settle();
    leaving.abort(new Error('drains'));
    await expect(request).rejects.toThrow('drains');
    expect(ended?.aborted).toBe(true);
    answer.resolve({});
    await expect(
      requests.run({ name: 'trace', slot: 1 }, leaving.signal, () => {}),
    ).rejects.toThrow('drains');
  });
});

/** Writes the file, as an inspection does. */
const profile: CarryOut = async (name, params) => {
  const { file } = params as { file: string };
  writeFileSync(file, '{}', { flag: 'wx', mode: 0o600 });
  return { slot: 1, pid: 7, file, bytes: 2, name };
};

describe('the file of a profile', () => {
  it('is in a directory that only its user can open, as long as the worker reads it', async () => {
    const { requests } = connect(profile);
    const request = { name: 'profile', slot: 1, seconds: 3 } as const;
    const seen = await requests.run(request, never, ({ file }) => ({
      mode: statSync(join(file, '..')).mode & 0o777,
      isBelow: file.startsWith(directory),
      exists: existsSync(file),
    }));
    expect(seen).toEqual({ mode: 0o700, isBelow: true, exists: true });
    await noFiles();
  });

  it('is removed if the worker cannot read it', async () => {
    const { requests } = connect(profile);
    const reading = requests.run({ name: 'profile', slot: 1, seconds: 3 }, never, () => {
      throw new Error('cannot read');
    });
    await expect(reading).rejects.toThrow('cannot read');
    await noFiles();
  });

  it('is removed if the profile fails', async () => {
    const { requests } = connect(async (...args) => {
      await profile(...args);
      throw new ControlError('CONTROL_FAILED', 'lost');
    });
    const failing = requests.run({ name: 'profile', slot: 1, seconds: 3 }, never, () => {});
    await expect(failing).rejects.toThrow('lost');
    await noFiles();
  });

  it('is removed if the worker exits, whether the profile is complete or not', async () => {
    const ending = deferred();
    const { service, client } = connect(async (name, params, signal, caller) => {
      signal.addEventListener('abort', () => ending.resolve());
      if ((params as { slot: number }).slot === 2) {
        await ending.promise;
      }
      return profile(name, params, signal, caller);
    });
    const answers: WorkerRequestAnswer[] = [];
    for (const slot of [1, 2]) {
      const params = { id: slot, request: { name: 'profile', slot, seconds: 3 } as const };
      void service.onQuestion(client, {
        name: 'workerRequest',
        params,
        answer: each => answers.push(each),
      });
    }
    await eventually(
      () => answers.length === 1,
      5_000,
      () => 'no answer',
    );
    expect(readdirSync(directory)).toHaveLength(2);
    service.onExited(client);
    await eventually(
      () => answers.length === 2,
      5_000,
      () => 'no answer',
    );
    expect(answers[1]).toEqual({ type: 'released' });
    await noFiles();
  });

  it('is not begun for a worker that has exited, or twice under one number', async () => {
    const asked: unknown[] = [];
    const { service, client } = connect(async (...args) => {
      asked.push(args[1]);
      return profile(...args);
    });
    const ask = (from: typeof client, id: number) =>
      new Promise<WorkerRequestAnswer>(answer => {
        const params = { id, request: { name: 'profile', slot: 1, seconds: 3 } as const };
        void service.onQuestion(from, { name: 'workerRequest', params, answer });
      });
    expect(await ask({ ...client, state: 'exited' }, 1)).toEqual({ type: 'released' });
    const [first, second] = await Promise.all([ask(client, 2), ask(client, 2)]);
    expect([first.type, second.type, asked.length]).toEqual(['done', 'released', 1]);
    service.onMessage(client, { type: 'workerRequestReleased', id: 2 });
    await noFiles();
  });

  it('is not written if there is no place for it', async () => {
    const { requests } = connect(profile, join(directory, 'missing'));
    const failing = requests.run({ name: 'profile', slot: 1, seconds: 3 }, never, () => {});
    await expect(failing).rejects.toMatchObject({
      code: 'CONTROL_FAILED',
      message: expect.stringMatching(/^The profile failed: ENOENT/),
    });
  });
});
