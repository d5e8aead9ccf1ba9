import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenInSlot } from '../../../src/runtime/listen-in-slot.js';
import { Standby } from '../../../src/runtime/standby.js';

let server: Server;
let listens: number;
const listen = (): void => {
  listens++;
  server.listen(0, '127.0.0.1');
};
const closed = (): Promise<Error | undefined> => new Promise(resolve => server.close(resolve));

beforeEach(() => {
  server = createServer();
  listens = 0;
});

afterEach(() => {
  server.close();
});

describe('listenInSlot()', () => {
  it('listens at once in a worker', () => {
    listenInSlot(server, new Standby(false), listen);
    expect(listens).toBe(1);
  });

  it('listens in a spare when it gets a slot, and closes as usual', async () => {
    const standby = new Standby(true);
    listenInSlot(server, standby, listen);
    expect(listens).toBe(0);
    standby.end();
    await once(server, 'listening');
    expect(await closed()).toBeUndefined();
    expect(await closed()).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  it('never listens if it was closed before, which is no error', async () => {
    const standby = new Standby(true);
    listenInSlot(server, standby, listen);
    expect(await closed()).toBeUndefined();
    standby.end();
    expect(listens).toBe(0);
  });

  it('listens if the application has called listen() again', async () => {
    const standby = new Standby(true);
    listenInSlot(server, standby, listen);
    await closed();
    listenInSlot(server, standby, listen);
    standby.end();
    await once(server, 'listening');
    expect(listens).toBe(1);
  });
});
