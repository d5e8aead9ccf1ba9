import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../src/model/events/cluster-event.interface.js';
import { EventHub } from '../../../src/supervisor/event-hub.js';
import type { WorkerHandle } from '../../../src/supervisor/workers/handle/worker-handle.js';
import { settle } from '../../support/fakes/fake-clock.js';

const EVENT: ClusterEvent = { type: 'workerOnline', slot: 0, generation: 0, id: 1, pid: 2, at: 3 };

function watcher(): { readonly sent: unknown[]; readonly handle: WorkerHandle } {
  const sent: unknown[] = [];
  const send = (message: unknown): Promise<void> => {
    sent.push(message);
    return Promise.resolve();
  };
  return { sent, handle: { send } as unknown as WorkerHandle };
}

function failing(): never {
  throw new Error('broken callback');
}

describe('EventHub', () => {
  it('sends events to the workers that watch, until they stop', () => {
    const hub = new EventHub({}, { error: () => {} });
    const [one, other] = [watcher(), watcher()];
    hub.watch(one.handle);
    hub.watch(one.handle);
    hub.publish(EVENT);
    hub.unwatch(one.handle);
    hub.watch(other.handle);
    hub.publish(EVENT);
    const message = { type: 'event', event: EVENT };
    expect([one.sent, other.sent]).toEqual([[message], [message]]);
  });

  it('logs a callback that fails, and still tells the watchers', async () => {
    const errors: unknown[] = [];
    const error = (text: unknown): void => void errors.push(text);
    const hub = new EventHub({ workerOnline: failing }, { error });
    const { sent, handle } = watcher();
    hub.watch(handle);
    hub.publish(EVENT);
    await settle();
    expect(sent).toHaveLength(1);
    expect(errors).toEqual(['The callback events.workerOnline failed']);
  });
});
