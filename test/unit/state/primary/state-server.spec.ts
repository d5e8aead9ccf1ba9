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
    server.onMessage(next, { type: 'clientClosed', client: 'c' });
    server.onReady(later);
    expect(next.sent).toEqual([{ type: 'clientDied', dead }]);
    expect(later.sent).toEqual([]);
  });

  it('is seen to by the next one to be ready, if those that were ready have died before they could', () => {
    const server = new StateServer(() => {});
    const [gone, dying, next] = [fakeWorker(), fakeWorker(), fakeWorker()];
    server.onReady(gone);
    server.onReady(dying);
    server.onMessage(gone, { type: 'client', client: 'c', key: 'a' });
    server.onMessage(gone, { type: 'client', client: 'c', key: 'b' });
    server.onExited(gone);
    server.onExited(dying);
    server.onReady(next);
    expect(next.sent).toEqual([{ type: 'clientDied', dead }]);
  });

  it('expires for the oldest ones if nobody sees to it', () => {
    const server = new StateServer(() => {});
    for (let number = 0; number < 1_500; number++) {
      const gone = fakeWorker();
      server.onMessage(gone, { type: 'client', client: `c${number}`, key: 'a' });
      server.onExited(gone);
    }
    const next = fakeWorker();
    server.onReady(next);
    expect(next.sent).toHaveLength(1_000);
    expect(next.sent.at(-1)).toMatchObject({ dead: { client: 'c1499' } });
  });
});
