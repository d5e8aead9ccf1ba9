import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterService } from '../../../src/cluster.service.js';
import { DashboardActions } from '../../../src/dashboard/actions/dashboard-actions.js';
import { ScaleFailedError } from '../../../src/model/errors/scale-failed.error.js';
import type { Runtime } from '../../../src/runtime/runtime.js';

const logger = { log: vi.fn(), warn: vi.fn(), error: vi.fn() };
const failure = { slot: 1, pid: 1, reason: 'boot-failed', output: '' } as const;
const requester = { who: '127.0.0.1', signal: new AbortController().signal };

let drain = new AbortController();
let ask = vi.fn<() => Promise<object>>();
let scale = vi.fn<() => Promise<number>>();

function actions(): DashboardActions {
  const cluster = { mode: 'worker', drainSignal: drain.signal, scale };
  const channel = { open: () => ({ ask, post: () => Promise.resolve() }) };
  const runtime = { host: { channel } };
  return new DashboardActions(
    cluster as unknown as ClusterService,
    runtime as unknown as Runtime,
    'shop',
    logger,
    true,
  );
}

beforeEach(() => {
  Object.values(logger).forEach(each => each.mockClear());
  drain = new AbortController();
  ask = vi.fn(() => new Promise<object>(() => {}));
  scale = vi.fn(() => Promise.resolve(1));
});

describe('an action of a worker that drains', () => {
  it('says that it goes on if the primary has got the request', async () => {
    const replaced = actions().run('replace', { slot: 1 }, requester);
    drain.abort();
    await expect(replaced).rejects.toThrow(
      'This worker is draining and cannot wait for the replacement of worker 1, which continues without it.',
    );
    expect(ask).toHaveBeenCalledTimes(1);
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('Failed for 127.0.0.1'));
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('says that nothing was requested if it has drained before', async () => {
    drain.abort();
    await expect(actions().run('replace', { slot: 1 }, requester)).rejects.toThrow(
      'This worker is draining and did not request the replacement of worker 1. Try again: another worker answers then.',
    );
    expect(ask).not.toHaveBeenCalled();
  });
});

describe('the log', () => {
  it.each(['CONTROL_INVALID', 'CONTROL_NO_WORKER'])(
    'has no error if the request is at fault: %s',
    async code => {
      const message = 'There is no slot 7.';
      ask.mockResolvedValue({ type: 'failed', failure: { code, message } });
      await expect(actions().run('replace', { slot: 7 }, requester)).rejects.toThrow('slot 7');
      expect(logger.warn).toHaveBeenCalledTimes(1);
      expect(logger.error).not.toHaveBeenCalled();
    },
  );

  it('has an error if the application or the host is at fault', async () => {
    scale.mockRejectedValue(new ScaleFailedError(4, 'No port.', failure));
    await expect(actions().run('scale', { workers: 4 }, requester)).rejects.toThrow();
    expect(logger.error).toHaveBeenCalledTimes(1);
    expect(logger.warn).not.toHaveBeenCalled();
  });
});
