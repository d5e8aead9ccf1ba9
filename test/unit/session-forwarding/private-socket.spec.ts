import { expect, it } from 'vitest';
import { Standby } from '../../../src/runtime/standby.js';
import { PrivateSocket } from '../../../src/session-forwarding/private-socket.js';

const SOCKETS = { directory: '/private', host: '0123456789ab' };

function next<T>(values: T[]): T {
  return values.length > 1 ? values.shift()! : values[0]!;
}

/** @param answers what the primary answers, and whether this worker can listen, in order; the last ones are repeated */
function opening(
  answers: (Error | typeof SOCKETS)[],
  listens: (Error | undefined)[] = [],
  isSpare = false,
) {
  const seen = { lines: [] as string[], paths: [] as string[], channels: 0 };
  const channel = {
    ask: async () => {
      const answer = next(answers);
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
    close: () => void seen.channels--,
  };
  const open = () => {
    seen.channels++;
    return channel;
  };
  const standby = new Standby(isSpare);
  const runtime = { host: { channel: { open } }, standby, worker: { id: 7 } };
  const listen = async (path: string): Promise<void> => {
    seen.paths.push(path);
    const error = next(listens);
    if (error) {
      throw error;
    }
  };
  const logger = { error: (line: string) => void seen.lines.push(line) };
  return { socket: new PrivateSocket(runtime as never, listen, logger), seen, standby };
}

it('is opened once', async () => {
  const { socket, seen } = opening([SOCKETS]);
  expect(socket.sockets).toBeUndefined();
  expect(await Promise.all([socket.ready(), socket.open()])).toEqual([SOCKETS, SOCKETS]);
  expect(socket.sockets).toEqual(SOCKETS);
  expect(seen).toEqual({ lines: [], paths: ['/private/7.sock'], channels: 0 });
});

it('is tried again after there was no directory, which is logged once', async () => {
  const { socket, seen } = opening([new Error('read-only'), new Error('read-only'), SOCKETS]);
  await expect(socket.ready()).rejects.toThrow('read-only');
  await expect(socket.open()).rejects.toThrow('read-only');
  expect(await socket.ready()).toEqual(SOCKETS);
  expect(seen.lines).toEqual([expect.stringMatching(/TMPDIR.*: read-only/)]);
  expect(seen.channels).toBe(0);
});

it('is tried again after this worker could not listen, which is logged once', async () => {
  const { socket, seen } = opening(
    [SOCKETS],
    [new Error('EACCES'), new Error('EACCES'), undefined],
  );
  await expect(socket.ready()).rejects.toThrow('EACCES');
  expect(socket.sockets).toEqual(SOCKETS);
  await expect(socket.ready()).rejects.toThrow('EACCES');
  expect(await socket.ready()).toEqual(SOCKETS);
  expect(seen.lines).toEqual([expect.stringMatching(/TMPDIR.*: EACCES/)]);
  expect(seen.paths).toHaveLength(3);
});

it('is opened by a spare when it gets a slot, which logs that it cannot', async () => {
  const { socket, seen, standby } = opening([SOCKETS], [new Error('EACCES'), undefined], true);
  expect(await socket.open()).toEqual(SOCKETS);
  expect(seen.paths).toEqual([]);
  const ready = socket.ready();
  standby.end();
  await expect(ready).rejects.toThrow('EACCES');
  expect(seen.lines).toHaveLength(1);
  expect(await socket.ready()).toEqual(SOCKETS);
});

it('is not opened if it is closed while the primary is asked, which is not logged', async () => {
  const { socket, seen } = opening([SOCKETS]);
  const ready = socket.ready();
  socket.close();
  await expect(ready).rejects.toThrow('closed');
  await expect(socket.open()).rejects.toThrow('closed');
  expect(seen).toEqual({ lines: [], paths: [], channels: 0 });
});

it('is not opened by a spare that gets its slot when it is closed', async () => {
  const { socket, seen, standby } = opening([SOCKETS], [], true);
  await socket.open();
  const ready = socket.ready();
  socket.close();
  standby.end();
  await expect(ready).rejects.toThrow('closed');
  expect(seen).toEqual({ lines: [], paths: [], channels: 0 });
});
