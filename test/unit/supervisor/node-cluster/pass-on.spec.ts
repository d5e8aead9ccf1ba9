import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { passOn } from '../../../../src/supervisor/node-cluster/pass-on.js';

const target = { worker: 2, server: '0/socket.io', data: 'GET / HTTP/1.1\r\n\r\n' };

/** A worker that notes the connections that it gets. */
function worker(connected = true, writes = true) {
  const taken: unknown[] = [];
  const send = (message: object, handle: unknown, _: object, written: () => void): void => {
    taken.push([Object.values(message)[0], handle]);
    if (writes) {
      written();
    }
  };
  return Object.assign(new EventEmitter(), { process: { connected, send }, taken });
}

function connection() {
  const closable = { closed: 0, close: () => void closable.closed++ };
  return closable;
}

describe('a connection that moves', () => {
  it('goes to its owner, and the copy of the primary is closed', async () => {
    const [owner, sender, handle] = [worker(), worker(), connection()];
    expect(passOn(target, handle, owner, sender)).toBe(true);
    await Promise.resolve();
    expect([owner.taken, sender.taken, handle.closed]).toEqual([[[target, handle]], [], 1]);
  });

  it.each([
    ['does not exist', undefined],
    ['has ended', worker(false)],
  ])('goes back if its owner %s', async (_, owner) => {
    const [sender, handle] = [worker(), connection()];
    expect(passOn(target, handle, owner, sender)).toBe(true);
    await Promise.resolve();
    expect([sender.taken, handle.closed]).toEqual([[[target, handle]], 1]);
  });

  it('is closed with others if their owner ends before they were sent', () => {
    const [owner, handle] = [worker(true, false), connection()];
    for (let count = 1; count <= 20; count++) {
      expect(passOn(target, handle, owner, worker())).toBe(true);
    }
    expect([handle.closed, owner.listenerCount('disconnect')]).toEqual([0, 1]);
    owner.emit('disconnect');
    expect(handle.closed).toBeGreaterThan(0);
  });

  it('is not taken if both have ended', () => {
    expect(passOn(target, connection(), undefined, worker(false))).toBe(false);
  });
});
