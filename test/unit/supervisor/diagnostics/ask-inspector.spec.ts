import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askInspector } from '../../../../src/supervisor/diagnostics/ask-inspector.js';

const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';

let server: Server;
let over: AbortController;

beforeEach(() => {
  over = new AbortController();
});

afterEach(() => {
  over.abort();
  server.close();
});

/** Asks a server that does as it is told with each connection. */
async function ask(serve: (socket: Socket) => void): Promise<unknown> {
  server = createServer(socket => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return askInspector(new URL(`ws://127.0.0.1:${port}/id`), '1', over.signal);
}

describe('a question to an inspector', () => {
  it.each([
    ['hangs up', (socket: Socket) => void socket.end()],
    [
      'talks nonsense',
      (socket: Socket) => {
        socket.once('data', () => {
          socket.write(UPGRADED);
          socket.once('data', () => socket.write(Buffer.from('\x81\x02{{', 'latin1')));
        });
      },
    ],
  ])('is rejected by one that %s', async (_, serve) => {
    await expect(ask(serve)).rejects.toThrow();
  });

  it('is taken back when time is over', async () => {
    const asked = ask(socket => {
      socket.once('data', () => over.abort());
    });
    await expect(asked).rejects.toThrow('aborted');
  });

  it('is answered, in however many pieces that comes', async () => {
    const reply = JSON.stringify({ id: 1, result: { result: { type: 'number', value: 1 } } });
    const frame = Buffer.concat([Buffer.from([0x81, reply.length]), Buffer.from(reply)]);
    const answer = await ask(socket => {
      socket.setNoDelay();
      socket.once('data', () => {
        socket.write(UPGRADED.slice(0, 9));
        setImmediate(() => socket.write(UPGRADED.slice(9)));
        socket.once('data', () => {
          socket.write(frame.subarray(0, 7));
          setImmediate(() => socket.write(frame.subarray(7)));
        });
      });
    });
    expect(answer).toBe(1);
  });
});
