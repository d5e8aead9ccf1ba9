import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PausableServer } from '../../../../src/drain/http/pausable-server.js';
import { settle } from '../../../support/fakes/fake-clock.js';

let server: Server;
let pausableServer: PausableServer;
let rival: Server;
let port: number;
const heard: string[] = [];

beforeEach(async () => {
  heard.length = 0;
  rival = createServer();
  rival.listen(0, '127.0.0.1');
  await once(rival, 'listening');
  ({ port } = rival.address() as AddressInfo);
  await new Promise(resolve => rival.close(resolve));
  server = createServer();
  pausableServer = new PausableServer(server);
  ['close', 'error'].forEach(event => server.on(event, () => heard.push(event)));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await Promise.all([server, rival].map(one => new Promise(resolve => one.close(resolve))));
});

async function takePort(): Promise<void> {
  rival = createServer().listen(port, '127.0.0.1');
  await once(rival, 'listening');
}

describe('PausableServer', () => {
  it('stays closed if it cannot listen again, says why, and may be tried again', async () => {
    pausableServer.close();
    await takePort();
    await expect(pausableServer.open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(pausableServer.open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(server.listening).toBe(false);
    await new Promise(resolve => rival.close(resolve));
    await pausableServer.open();
    expect(server.listening).toBe(true);
    await settle();
    expect(heard).toEqual([]);
  });

  it('has an error heard by whoever opens it, also if it has been let go of meanwhile', async () => {
    pausableServer.close();
    await takePort();
    server.removeAllListeners('error');
    const opens = pausableServer.open();
    pausableServer.release();
    await expect(opens).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
