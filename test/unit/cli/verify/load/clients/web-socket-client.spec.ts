import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Kills } from '../../../../../../src/cli/verify/load/kills.js';
import { Tally } from '../../../../../../src/cli/verify/load/tally.js';
import { WebSocketClient } from '../../../../../../src/cli/verify/load/clients/web-socket-client.js';

class FakeWebSocket extends EventEmitter {
  readonly sent: string[] = [];
  readonly ended: unknown[] = [];

  send(text: string): void {
    this.sent.push(text);
  }

  close(code: number): void {
    this.ended.push(code);
    this.emit('close', code);
  }

  terminate(): void {
    this.ended.push('terminated');
    this.emit('close', 1006);
  }
}

function connecting(message?: string) {
  const sockets: FakeWebSocket[] = [];
  const tally = new Tally(new Kills());
  tally.enter('websocket', 1);
  const options = { url: new URL('ws://localhost/'), patience: 1_000 };
  const client = new WebSocketClient(
    message === undefined ? options : { ...options, message },
    () => {
      const socket = new FakeWebSocket();
      sockets.push(socket);
      return socket;
    },
    tally,
  );
  const running = client.run();
  return { client, running, sockets, counts: () => tally.counts().websocket, tally };
}

describe('a WebSocket of the load', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1001, 1012])('comes back when it is told to, with %i', async code => {
    const { client, running, sockets, counts } = connecting();
    sockets[0]!.emit('open');
    expect(client.isConnected).toBe(true);
    sockets[0]!.emit('close', code);
    await vi.advanceTimersByTimeAsync(0);
    expect(client.isConnected).toBe(false);
    expect(sockets).toHaveLength(2);
    sockets[1]!.emit('open');
    client.stop();
    await running;
    expect(counts()).toMatchObject({ answered: 2, endedCleanly: 1, failures: { lost: 0 } });
    expect(sockets[1]!.ended).toEqual([1000]);
  });

  it('is cut by any other end, and comes back all the same', async () => {
    const { client, running, sockets, tally } = connecting();
    sockets[0]!.emit('open');
    sockets[0]!.emit('close', 1006);
    await vi.advanceTimersByTimeAsync(100);
    expect(sockets).toHaveLength(2);
    client.stop();
    await running;
    expect(tally.failures).toMatchObject([{ kind: 'lost', code: 'closed with 1006' }]);
  });

  it.each([
    ['refused', { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' }],
    ['hung', { message: 'Opening handshake has timed out' }],
    ['lost', { message: 'socket hang up', code: 'ECONNRESET' }],
  ])('is %s when it cannot connect for that reason', async (kind, error) => {
    const { client, running, sockets, tally } = connecting();
    sockets[0]!.emit('error', Object.assign(new Error(error.message), error));
    sockets[0]!.emit('close', 1006);
    await vi.advanceTimersByTimeAsync(0);
    client.stop();
    await vi.advanceTimersByTimeAsync(100);
    await running;
    expect(tally.failures).toMatchObject([{ kind }]);
  });

  it('says its message again and again, and is hung when nothing comes back', async () => {
    const { client, running, sockets, tally } = connecting('hello');
    const [socket] = sockets;
    socket!.emit('open');
    await vi.advanceTimersByTimeAsync(100);
    socket!.emit('message');
    await vi.advanceTimersByTimeAsync(100);
    expect(socket!.sent).toEqual(['hello', 'hello']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket!.ended).toEqual(['terminated']);
    client.stop();
    await vi.advanceTimersByTimeAsync(100);
    await running;
    expect(tally.failures).toMatchObject([{ kind: 'hung' }]);
  });
});
