import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { passOn } from '../../../../src/supervisor/node-cluster/pass-on.js';

const target = { to: 'worker', worker: 2, text: 'GET / HTTP/1.1\r\n\r\n' } as const;

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

  it('goes back if 32 others wait for its owner', async () => {
    const [owner, sender] = [worker(true, false), worker()];
    const handles = Array.from({ length: 40 }, connection);
    handles.forEach(handle => passOn(target, handle, owner, sender));
    await Promise.resolve();
    expect(owner.taken).toHaveLength(32);
    expect(sender.taken).toEqual(handles.slice(32).map(handle => [target, handle]));
    expect(handles.map(({ closed }) => closed)).toEqual(handles.map((_, index) => +(index >= 32)));
  });

  it('goes back with others if their owner ends before they were sent', async () => {
    const [owner, sender] = [worker(true, false), worker()];
    const handles = Array.from({ length: 20 }, connection);
    for (const handle of handles) {
      expect(passOn(target, handle, owner, sender)).toBe(true);
    }
    expect(owner.listenerCount('disconnect')).toBe(1);
    expect(handles.map(({ closed }) => closed)).toEqual(handles.map(() => 0));
    owner.process.connected = false;
    owner.emit('disconnect');
    await Promise.resolve();
    expect(sender.taken).toEqual(handles.map(handle => [target, handle]));
    expect(handles.map(({ closed }) => closed)).toEqual(handles.map(() => 1));
  });

  it.each([
    ['its owner and then its sender end', true],
    ['its sender ends first', false],
  ])('is closed if %s before it was sent', async (_, isLast) => {
    const [owner, sender, handle] = [worker(true, false), worker(true, false), connection()];
    passOn(target, handle, owner, sender);
    for (const ended of isLast ? [owner, sender] : [sender, owner]) {
      ended.process.connected = false;
      ended.emit('disconnect');
    }
    await Promise.resolve();
    expect(handle.closed).toBe(1);
  });

  it('is not taken if both have ended', () => {
    expect(passOn(target, connection(), undefined, worker(false))).toBe(false);
  });
});
