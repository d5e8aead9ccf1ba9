import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenWithReusePort, withReusePort } from '../../../src/application/reuse-port.js';

const callback = (): void => {};

describe('withReusePort()', () => {
  it.each([
    [
      [3000, callback],
      [{ port: 3000, reusePort: true }, callback],
    ],
    [
      ['3000', callback],
      [{ port: 3000, reusePort: true }, callback],
    ],
    [
      [3000, '::1', callback],
      [{ port: 3000, host: '::1', reusePort: true }, callback],
    ],
    [
      [{ port: 3000, backlog: 9 }, callback],
      [{ port: 3000, backlog: 9, reusePort: true }, callback],
    ],
    [
      ['/run/app.sock', callback],
      ['/run/app.sock', callback],
    ],
    [
      [{ path: '/run/app.sock' }, callback],
      [{ path: '/run/app.sock' }, callback],
    ],
  ])('%j', (args, expected) => {
    expect(withReusePort(args)).toEqual(expected);
  });
});

function listening(isFree: boolean) {
  const server = new EventEmitter();
  const claimed: unknown[] = [];
  const adapter = {
    getHttpServer: () => server,
    listen: (...args: unknown[]): unknown => server.emit('listens', ...args),
  };
  listenWithReusePort(adapter, {
    claimPort: async address => {
      claimed.push(address);
      return isFree;
    },
  });
  return { server, adapter, claimed };
}

describe('listenWithReusePort()', () => {
  it('listens when the primary has found the port free', async () => {
    const { server, adapter, claimed } = listening(true);
    const listens = once(server, 'listens');
    adapter.listen('3000', '::1', callback);
    expect(await listens).toEqual([{ port: 3000, host: '::1', reusePort: true }, callback]);
    expect(claimed).toEqual([{ address: '::1', port: 3000, ipv6Only: false }]);
  });

  it("emits Node's error if another host listens on the port", async () => {
    const { server, adapter, claimed } = listening(false);
    server.on('listens', () => expect.unreachable());
    const failure = once(server, 'error');
    adapter.listen({ port: 3000, ipv6Only: true }, callback);
    expect(await failure).toMatchObject([
      {
        message: 'listen EADDRINUSE: address already in use :::3000',
        code: 'EADDRINUSE',
        address: '::',
        port: 3000,
      },
    ]);
    expect(claimed).toEqual([{ address: null, port: 3000, ipv6Only: true }]);
  });

  it('emits errors that listen() throws', async () => {
    const { server, adapter } = listening(true);
    const refusal = new Error('refused');
    server.on('listens', () => {
      throw refusal;
    });
    const failure = once(server, 'error');
    adapter.listen(3000, callback);
    expect(await failure).toEqual([refusal]);
  });

  it.each([[0], [65_536], ['/run/app.sock']])('claims no port for listen(%j)', target => {
    const { adapter, claimed } = listening(false);
    expect(adapter.listen(target, callback)).toBe(false);
    expect(claimed).toEqual([]);
  });
});
