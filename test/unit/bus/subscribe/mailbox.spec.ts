import { beforeEach, describe, expect, it } from 'vitest';
import type { ArrivedEvent } from '../../../../src/bus/subscribe/arrived-event.interface.js';
import { Mailbox } from '../../../../src/bus/subscribe/mailbox.js';

const FROM = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

let log: unknown[];
let settle: (() => void)[];
let isSlow: boolean;

const event = (payload: number, size = 10): ArrivedEvent => ({
  topic: 't',
  from: FROM,
  payload,
  size,
});

function mailbox(concurrency = 1, maxBytes = 50): Mailbox {
  return new Mailbox(
    {
      handle: ({ payload }) => {
        log.push(payload);
        return isSlow ? new Promise<void>(resolve => settle.push(resolve)) : undefined;
      },
      gap: ({ missed, reason }) => log.push(`${reason} ${missed}`),
    },
    { concurrency, maxQueueBytes: maxBytes },
    () => log.push('room'),
  );
}

async function finishOne(): Promise<void> {
  settle.shift()!();
  await new Promise(resolve => setImmediate(resolve));
}

beforeEach(() => {
  log = [];
  settle = [];
  isSlow = true;
});

describe('a mailbox', () => {
  it('hands over at once what a handler can take, and the rest one after the other', async () => {
    const box = mailbox();
    [1, 2, 3].forEach(payload => box.offer(event(payload)));
    expect(log).toEqual([1]);
    await finishOne();
    await finishOne();
    expect(log).toEqual([1, 2, 3]);
  });

  it('tells how many wait, and how full it is', async () => {
    const box = mailbox();
    expect(box.queue).toEqual({ length: 0, bytes: 0, fullness: 0 });
    [1, 2, 3].forEach(payload => box.offer(event(payload)));
    // The first one is being handled; it takes its room until that is done.
    expect(box.queue).toEqual({ length: 2, bytes: 30, fullness: 0.6 });
    box.add({ event: event(4, 100) });
    expect(box.queue).toEqual({ length: 3, bytes: 130, fullness: 1 });
    await finishOne();
    expect(box.queue.length).toBe(2);
  });

  it('hands over as many at a time as are wanted', async () => {
    const box = mailbox(2);
    [1, 2, 3].forEach(payload => box.offer(event(payload)));
    expect(log).toEqual([1, 2]);
    await finishOne();
    expect(log).toEqual([1, 2, 3]);
  });

  it('never keeps a handler waiting that does not wait itself', () => {
    isSlow = false;
    const box = mailbox();
    [1, 2, 3].forEach(payload => box.offer(event(payload, 1_000)));
    expect(log.filter(entry => typeof entry === 'number')).toEqual([1, 2, 3]);
  });

  it('refuses what there is no room for, and tells how many once there is', async () => {
    const box = mailbox();
    for (let payload = 1; payload <= 9; payload++) {
      box.offer(event(payload));
    }
    expect(box.isFull).toBe(true);
    await finishOne();
    await finishOne();
    box.offer(event(10));
    expect(log).toEqual([1, 2, 3]);
    await finishOne();
    expect(box.isFull).toBe(false);
    box.offer(event(11));
    await finishOne();
    await finishOne();
    // In the place where they are missing: after what had room, before what has room again.
    expect(log.filter(entry => entry !== 'room')).toEqual([1, 2, 3, 4, 5, 'slow 5', 11]);
    expect(log).toContain('room');
  });

  it('tells when an event is done', async () => {
    const box = mailbox();
    box.add({ event: event(1), done: () => log.push('done') });
    expect(log).toEqual([1]);
    await finishOne();
    expect(log).toEqual([1, 'done']);
  });

  it('when it is closed, drops what waits, and waits for what is being handled', async () => {
    const box = mailbox();
    box.offer(event(1));
    box.offer(event(2));
    let closed = false;
    void box.close().then(() => (closed = true));
    box.offer(event(3));
    await new Promise(resolve => setImmediate(resolve));
    expect(closed).toBe(false);
    await finishOne();
    expect(closed).toBe(true);
    expect(log).toEqual([1]);
  });

  it('tells of the gaps of very many topics together, and forgets none', async () => {
    const missed = new Map<string, number>();
    const box = new Mailbox(
      {
        handle: () => new Promise<void>(resolve => settle.push(resolve)),
        gap: ({ topic, missed: more }) =>
          void missed.set(topic, (missed.get(topic) ?? 0) + (more ?? 0)),
      },
      { concurrency: 1, maxQueueBytes: 50 },
    );
    box.offer(event(1));
    for (let n = 0; n < 5_000; n++) {
      box.tell({ topic: `room.${n}`, missed: 2, reason: 'connection' });
    }
    expect(box.queue.length).toBeLessThanOrEqual(1_000);
    await finishOne();
    expect([...missed.values()].reduce((sum, each) => sum + each, 0)).toBe(10_000);
    expect(missed.size).toBeLessThanOrEqual(2_001);
    expect(missed.get('*')).toBe(6_000);
  });
});
