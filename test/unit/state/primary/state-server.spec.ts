import { describe, expect, it } from 'vitest';
import { StateServer } from '../../../../src/state/primary/state-server.js';
import type { ServiceClient } from '../../../../src/ipc/primary-service.interface.js';
import type { ToWorker } from '../../../support/all-features.js';

function fakeWorker(): ServiceClient & { readonly sent: ToWorker[] } {
  const sent: ToWorker[] = [];
  return { sent, send: (message: ToWorker) => sent.push(message) } as unknown as ServiceClient & {
    readonly sent: ToWorker[];
  };
}

const dead = { client: 'c', keys: ['a', 'b'] };

describe('what a worker that is gone has locked in Redis', () => {
  it('is seen to by those that are ready', () => {
    const server = new StateServer(() => {});
    const [gone, booting, ...ready] = [fakeWorker(), fakeWorker(), fakeWorker(), fakeWorker()];
    ready.forEach(worker => server.onReady(worker));
    server.onReady(gone);
    server.onMessage(gone, { type: 'client', client: 'c', key: 'a' });
    server.onMessage(gone, { type: 'client', client: 'c', key: 'b' });
    server.onExited(gone);
    server.onExited(gone);
    ready.forEach(({ sent }) => expect(sent).toEqual([{ type: 'clientDied', dead }]));
    expect(booting.sent).toEqual([]);
  });

  it('is seen to by the next one to be ready, if there is none', () => {
    const server = new StateServer(() => {});
    const [gone, next, later] = [fakeWorker(), fakeWorker(), fakeWorker()];
    server.onReady(gone);
    server.onMessage(gone, { type: 'client', client: 'c', key: 'a' });
    server.onMessage(gone, { type: 'client', client: 'c', key: 'b' });
    server.onExited(gone);
    server.onReady(next);
    server.onReady(later);
    expect(next.sent).toEqual([{ type: 'clientDied', dead }]);
    expect(later.sent).toEqual([]);
  });
});
