import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deferred } from '../../../../src/system/async/deferred.js';
import {
  InspectorSession,
  NoInspectorError,
} from '../../../../src/supervisor/diagnostics/inspector-session.js';
import { FakeInspector, served } from '../../../support/fakes/fake-inspector.js';

const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';

let inspector: FakeInspector | undefined;
let over: AbortController;

beforeEach(() => {
  over = new AbortController();
});

afterEach(() => {
  over.abort();
  inspector?.close();
});

async function open(
  ...args: ConstructorParameters<typeof FakeInspector>
): Promise<InspectorSession> {
  inspector = new FakeInspector(...args);
  return InspectorSession.open(await inspector.listen(), over.signal);
}

describe('a session of an inspector', () => {
  it('resolves with the values of expressions and the results of commands', async () => {
    const session = await open(({ id, method, params }, send) =>
      send({
        id,
        result: method === 'Runtime.evaluate' ? { result: { value: params['expression'] } } : {},
      }),
    );
    expect(await Promise.all([session.evaluate('1'), session.evaluate('2')])).toEqual(['1', '2']);
    expect(await session.command('Profiler.enable')).toEqual({});
  });

  it('rejects a command that fails, wherever the id of the reply is', async () => {
    const session = await open(({ id }, send) =>
      send({ error: { code: -32_601, message: 'not found' }, id }),
    );
    await expect(session.command('No.such')).rejects.toThrow('No.such failed: not found');
  });

  it('reads replies and the handshake in however many pieces they come', async () => {
    const frame = served(JSON.stringify({ id: 1, result: { result: { value: 1 } } }));
    const session = await open(
      () => {},
      socket => {
        socket.setNoDelay();
        socket.once('data', () => {
          socket.write(UPGRADED.slice(0, 9));
          setImmediate(() => socket.write(UPGRADED.slice(9)));
          socket.once('data', () => {
            socket.write(frame.subarray(0, 7));
            setImmediate(() => socket.write(frame.subarray(7)));
          });
        });
      },
    );
    expect(await session.evaluate('1')).toBe(1);
  });

  it('reads on when a listener has handled an event', async () => {
    const handled = deferred();
    const order: string[] = [];
    const session = await open(({ id }, send) => {
      send({ method: 'Heap.chunk', params: { chunk: 'a' } });
      send({ method: 'Heap.other', params: {} });
      send({ id, result: {} });
    });
    session.on('Heap.chunk', async params => {
      order.push(JSON.stringify(params));
      await handled.promise;
    });
    const taken = session.command('Heap.take').then(() => order.push('done'));
    setTimeout(() => {
      order.push('handled');
      handled.resolve();
    }, 20);
    await taken;
    expect(order).toEqual(['{"chunk":"a"}', 'handled', 'done']);
  });

  it('ends, and rejects with the error of the listener, if that throws', async () => {
    const session = await open((_, send) => send({ method: 'Heap.chunk', params: {} }));
    session.on('Heap.chunk', () => Promise.reject(new Error('disk full')));
    await expect(session.command('Heap.take')).rejects.toThrow('disk full');
    await session.closed;
    await expect(session.command('Heap.take')).rejects.toThrow('disk full');
  });

  it.each<[string, (socket: Socket) => void]>([
    ['hangs up', socket => void socket.end()],
    ['sends a close frame', socket => void socket.write(Buffer.from([0x88, 0]))],
    ['sends no JSON', socket => void socket.write(served('{{'))],
    ['sends something else', socket => void socket.write(served('[1]'))],
  ])('rejects if the inspector %s', async (_, serve) => {
    const session = await open((request, send, socket) => serve(socket));
    session.on('any', () => {});
    await expect(session.command('Heap.take')).rejects.toThrow();
    await session.closed;
  });

  it('rejects if the signal aborts', async () => {
    const session = await open(() => over.abort());
    await expect(session.command('Heap.take')).rejects.toThrow('abort');
  });

  it('is not opened where somebody else listens', async () => {
    const elsewhere = open(
      () => {},
      socket => void socket.end('HTTP/1.1 404 Not Found\r\n\r\n'),
    );
    await expect(elsewhere).rejects.toBeInstanceOf(NoInspectorError);
    const endless = open(
      () => {},
      socket => void socket.write('x'.repeat(100_000)),
    );
    await expect(endless).rejects.toBeInstanceOf(NoInspectorError);
  });
});
