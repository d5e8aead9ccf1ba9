import { beforeEach, describe, expect, it } from 'vitest';
import { Server } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom, NEVER, type Observable, of, Subject } from 'rxjs';
import { countMessages } from '../../../../src/drain/messages/count-messages.js';
import { MessagesInProgress } from '../../../../src/drain/messages/messages-in-progress.js';

type Handler = Parameters<Server['addHandler']>[1];

/** A custom transport. */
class Transport extends Server {
  listen(): void {}
  close(): void {}
  on(): never {
    throw new Error('not used');
  }
  unwrap(): never {
    throw new Error('not used');
  }
  async call(pattern: string): Promise<unknown> {
    return this.getHandlerByPattern(pattern)?.('data', {});
  }
}

let transport: Transport;
let messages: MessagesInProgress;

function withHandlers(handlers: Readonly<Record<string, Handler>>, isEvent = false): void {
  for (const [pattern, handler] of Object.entries(handlers)) {
    transport.addHandler(pattern, handler, isEvent, { extra: true });
  }
  countMessages(transport, messages);
}

beforeEach(() => {
  transport = new Transport();
  messages = new MessagesInProgress();
});

describe('the messages of a transport', () => {
  it('are in progress while the promise of their handler is pending', async () => {
    const work = new Subject<string>();
    withHandlers({ work: async () => firstValueFrom(work) as never });
    const answer = transport.call('work');
    expect(messages.size).toBe(1);
    work.next('done');
    expect(await answer).toBe('done');
    expect(messages.size).toBe(0);
  });

  it('are in progress until their stream ends, and not if nobody has subscribed to it', async () => {
    const values = new Subject<string>();
    withHandlers({ work: () => Promise.resolve(values) });
    const stream = (await transport.call('work')) as Observable<string>;
    expect(messages.size).toBe(0);
    const last = lastValueFrom(stream);
    expect(messages.size).toBe(1);
    values.next('a');
    expect(messages.size).toBe(1);
    values.complete();
    expect(await last).toBe('a');
    expect(messages.size).toBe(0);
  });

  it.each<[string, Handler]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('have ended when their handler %s', async (_, handler) => {
    withHandlers({ work: handler });
    await expect(transport.call('work')).rejects.toThrow('no');
    expect(messages.size).toBe(0);
  });

  it('are in progress while their response is sent', async () => {
    countMessages(transport, messages);
    let sent!: () => void;
    const sending = new Promise<void>(resolve => (sent = resolve));
    const responses: unknown[] = [];
    transport.send(of('answer') as never, response => {
      responses.push(response);
      return sending;
    });
    await new Promise(resolve => setImmediate(resolve));
    expect([messages.size, responses.length]).toEqual([1, 1]);
    sent();
    await new Promise(resolve => setImmediate(resolve));
    expect(messages.size).toBe(0);
  });

  it('keep what transports read from their handlers', () => {
    const [first, second] = [() => NEVER as never, () => NEVER as never];
    transport.addHandler('event', first, true);
    countMessages(transport, messages);
    transport.addHandler('event', second, true);
    expect((first as Handler).next).toBe(second);
    expect(transport.getHandlerByPattern('event')?.isEventHandler).toBe(true);
  });
});

describe('a message that ends in a drain', () => {
  it('is counted for another turn, in which its response is sent', async () => {
    const ended: unknown[] = [];
    const source = {};
    const end = messages.begin(source);
    messages.watch(of_ => ended.push(of_));
    end();
    end();
    expect([messages.size, messages.from(source)]).toEqual([1, 1]);
    await new Promise(resolve => setImmediate(resolve));
    expect([messages.size, messages.from(source), ended]).toEqual([0, 0, [source]]);
  });
});
