import { describe, expect, it } from '@jest/globals';
import { StateDesk } from '../../../../src/supervisor/services/state-server.js';
import type { WorkerHandle } from '../../../../src/supervisor/workers/worker-handle.js';
import type { ToWorker } from '../../../../src/ipc/messages.js';

function fakeWorker(): WorkerHandle & { readonly sent: ToWorker[] } {
  const sent: ToWorker[] = [];
  return { sent, send: (message: ToWorker) => sent.push(message) } as unknown as WorkerHandle & {
    readonly sent: ToWorker[];
  };
}

const estate = { client: 'c', keys: ['a', 'b'] };

describe('what a worker that is gone has locked in Redis', () => {
  it('is seen to by those that are ready', () => {
    const desk = new StateDesk(() => {});
    const [dead, booting, ...ready] = [fakeWorker(), fakeWorker(), fakeWorker(), fakeWorker()];
    ready.forEach(worker => desk.ready(worker));
    desk.ready(dead);
    desk.noteClient(dead, 'c', 'a');
    desk.noteClient(dead, 'c', 'b');
    desk.exited(dead);
    desk.exited(dead);
    ready.forEach(({ sent }) => expect(sent).toEqual([{ type: 'bury', estate }]));
    expect(booting.sent).toEqual([]);
  });

  it('is seen to by the next one to be ready, if there is none', () => {
    const desk = new StateDesk(() => {});
    const [dead, next, later] = [fakeWorker(), fakeWorker(), fakeWorker()];
    desk.ready(dead);
    desk.noteClient(dead, 'c', 'a');
    desk.noteClient(dead, 'c', 'b');
    desk.exited(dead);
    desk.ready(next);
    desk.ready(later);
    expect(next.sent).toEqual([{ type: 'bury', estate }]);
    expect(later.sent).toEqual([]);
  });
});
