import { describe, expect, it } from 'vitest';
import { StateUnavailableError } from '../../../../src/index.js';
import type { ServiceClient } from '../../../../src/ipc/primary-service.interface.js';
import { StateServer } from '../../../../src/state/primary/state-server.js';
import { MemoryBackend } from '../../../../src/state/backends/memory/memory-backend.js';
import { perform } from '../../../../src/state/objects/perform.js';
import type { Operation } from '../../../../src/state/operation.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import {
  type PrimaryChannel,
  primaryProtocol,
  type WorkerChannel,
  workerProtocol,
} from '../../../support/all-features.js';
import { ownHello } from '../../../../src/ipc/protocol-version.js';
import { IpcChannel } from '../../../../src/ipc/ipc-channel.js';
import { FeatureChannels } from '../../../../src/worker/feature-channels.js';
import { IpcExecutor } from '../../../../src/state/backends/ipc/ipc-executor.js';
import { FakeLink } from '../../../support/fakes/fake-link.js';

const increment: Operation = { name: 'increment', key: 'n', runs: [[1, 1]], min: 0, max: 9 };

/** More increments than anybody has calls. */
const MANY = Array.from({ length: 20 }, () => [1, 1_000_000]);

/** A worker whose state is in a primary that logs what is invalid. */
function connected() {
  const [near, far] = FakeLink.pair();
  const invalid: string[] = [];
  const server = new StateServer(() => {});
  const reports = { onMessage: () => {}, onFault: () => {} };
  const worker: WorkerChannel = new IpcChannel(near, workerProtocol, {
    ...reports,
    onInvalid: () => {},
  });
  worker.introduce(ownHello());
  const primary: PrimaryChannel = new IpcChannel(far, primaryProtocol, {
    ...reports,
    onInvalid: reason => void invalid.push(reason),
    onQuestion: question => {
      if (question.name === 'execute') {
        void server.onQuestion({} as ServiceClient, question);
      }
    },
  });
  const client = new StateClient(new IpcExecutor(new FeatureChannels(worker)), 1_000, 0);
  const run = (operation: unknown) => perform(client, 'a value', operation as Operation);
  return { worker, primary, client, invalid, run };
}

describe('an operation that is invalid', () => {
  it.each([
    { name: 'set', key: '', value: '1' },
    { name: 'set', key: 'k', value: 5 },
    { name: 'mapSet', key: 'k', field: 'x'.repeat(5_000), value: '1' },
    { name: 'increment', key: 'n', runs: [[1, 0.5]], min: 0, max: 9 },
    { name: 'increment', key: 'n', runs: MANY, min: 0, max: 9, ttl: 5 },
    { name: 'unheardOf', key: 'k' },
  ])('fails alone and for sure; those beside it are carried out: %j', async wrong => {
    const { run, invalid, client } = connected();
    const outcomes = await Promise.allSettled([
      run(increment),
      run(wrong),
      run({ ...increment, max: 8 }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: expect.any(StateUnavailableError) },
      { status: 'fulfilled', value: 2 },
    ]);
    expect(String((outcomes[1] as PromiseRejectedResult).reason)).toMatch(/should be/);
    expect(invalid).toEqual([
      expect.stringMatching(/^the question "execute": "batch\.operations\[\d\]/),
    ]);
    await client.close();
  });

  it('fails with all others where the batch itself is invalid', async () => {
    const { worker, invalid } = connected();
    const batch = { partition: 0, lane: '', sequence: 1, deadline: 1e15, replicas: 0 };
    const asks = { client: 'c', batch: { ...batch, operations: [increment] } };
    await expect(worker.ask('execute', asks, 1_000)).rejects.toMatchObject({ mayBeApplied: false });
    expect(invalid).toHaveLength(1);
  });
});

describe('an operation on which the memory itself fails', () => {
  it('fails alone, and has nothing done twice that was asked for beside it', () => {
    const memory = new MemoryBackend(
      () => {},
      () => {
        throw new RangeError('Map maximum size exceeded');
      },
    );
    const append: Operation = { name: 'append', key: 't', event: '{}', keep: 5 };
    const batch = { partition: 0, lane: 'l', sequence: 1, deadline: Infinity, replicas: 0 };
    const operations = [increment, append, { ...increment, max: 8 }];
    const outcome = {
      type: 'applied',
      results: [
        { total: 1 },
        { failed: 'backend', found: 'Map maximum size exceeded' },
        { total: 2 },
      ],
    };
    expect(memory.execute({ ...batch, operations })).toEqual(outcome);
    expect(memory.execute({ ...batch, operations })).toEqual(outcome);
  });
});
