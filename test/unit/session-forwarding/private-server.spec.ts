import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PrivateServer } from '../../../src/session-forwarding/private-server.js';

let directory: string;
let path: string;
let privateServer: PrivateServer;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'private-server-'));
  path = join(directory, '1.sock');
  privateServer = new PrivateServer(new Map(), { use: () => true }, () => {});
});

afterEach(() => {
  privateServer.close();
  rmSync(directory, { recursive: true });
});

it('only the user of the host can connect', async () => {
  const mask = process.umask();
  await privateServer.listen(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(mask);
});

it('it listens after failures, which leave nothing', async () => {
  const { server } = privateServer;
  const missing = join(directory, randomUUID());
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(privateServer.listen(join(missing, '1.sock'))).rejects.toThrow('listen');
    expect([server.listening, server.listenerCount('error')]).toEqual([false, 0]);
  }
  mkdirSync(missing);
  await privateServer.listen(join(missing, '1.sock'));
  const client = connect(join(missing, '1.sock'));
  await once(client, 'connect');
  client.destroy();
});

it('it does not fail once the socket is bound', async () => {
  const listens = privateServer.listen(path);
  rmSync(path);
  await listens;
  expect(privateServer.server.listening).toBe(true);
});

it('it keeps its socket if it listens already', async () => {
  await privateServer.listen(path);
  await privateServer.listen(path);
  expect(existsSync(path)).toBe(true);
});

it('it does not listen after it was closed', async () => {
  privateServer.close();
  await expect(privateServer.listen(path)).rejects.toThrow();
  expect([privateServer.server.listening, existsSync(path)]).toEqual([false, false]);
});

it('it does not listen if it is closed meanwhile', async () => {
  const listens = privateServer.listen(path);
  privateServer.close();
  await expect(listens).rejects.toThrow();
  const { server } = privateServer;
  expect([server.listening, existsSync(path)]).toEqual([false, false]);
  expect(server.listenerCount('error')).toBe(0);
});
