import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { HostConnections } from '../../../../src/session-forwarding/hosts/host-connections.js';
import { readFileSync } from 'node:fs';

const read = (file: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/certificate/${file}`, import.meta.url));

const TLS = { key: read('key.pem'), cert: read('cert.pem') };

const SILENCE = 5_000;

let server: Server;
let connections: HostConnections;

afterEach(() => {
  connections.close();
  server.close();
});

async function listening(): Promise<{ host: string; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

function ask(place: { host: string; port: number; secure: boolean }): Promise<string> {
  const asked = connections.request(place, { headers: { host: 'one.example' } }, false, SILENCE);
  asked.end();
  return once(asked, 'response').then(([answer]) => text(answer as IncomingMessage));
}

it('a host whose certificate is not trusted is refused, unless its issuer is known', async () => {
  server = createSecureServer(TLS, (_, response) => response.end('yes'));
  const place = { ...(await listening()), secure: true };
  connections = new HostConnections();
  await expect(ask(place)).rejects.toThrow(/self-signed|self signed/);
  connections.close();
  connections = new HostConnections({ ca: TLS.cert, checkServerIdentity: () => undefined });
  expect(await ask(place)).toBe('yes');
  const socket = connections.connect(place, () => socket.end(), SILENCE);
  await once(socket, 'close');
});

it('a certificate must be valid for the address, and not for what the client has sent as its host', async () => {
  server = createSecureServer(TLS, (_, response) => response.end('yes'));
  const place = { ...(await listening()), secure: true };
  const names: string[] = [];
  connections = new HostConnections({
    ca: TLS.cert,
    checkServerIdentity: (name: string) => {
      names.push(name);
      return undefined;
    },
  });
  await ask(place);
  await ask({ ...place, host: 'localhost' }).catch(() => {});
  expect(names.slice(0, 1)).toEqual(['127.0.0.1']);
  expect(names).not.toContain('one.example');
});

it.each([undefined, null, false])(
  'a certificate must be valid for the address if the name in the options is %s',
  async servername => {
    server = createSecureServer(TLS, (_, response) => response.end('yes'));
    const place = { ...(await listening()), secure: true };
    const names: string[] = [];
    const checkServerIdentity = (name: string): void => void names.push(name);
    connections = new HostConnections({ ca: TLS.cert, servername, checkServerIdentity });
    await ask(place);
    expect(names).toEqual(['127.0.0.1']);
  },
);

it('options that are undefined have no effect', async () => {
  server = createSecureServer(TLS, (_, response) => response.end('yes'));
  connections = new HostConnections({ ca: undefined, minDHSize: undefined });
  await expect(ask({ ...(await listening()), secure: true })).rejects.toThrow(/self.signed/);
});

it('an upgrade to a host that is silent fails, even before the time for its connection has passed', async () => {
  const opened: Socket[] = [];
  server = createServer(socket => void opened.push(socket));
  connections = new HostConnections();
  const socket = connections.connect({ ...(await listening()), secure: true }, () => {}, 100);
  const [error] = await once(socket, 'error');
  expect((error as Error).message).toBe('silent for 100 ms');
  opened.forEach(each => each.destroy());
});

it('a connection without TLS is not established by a host that expects it', async () => {
  const opened: Socket[] = [];
  // It accepts connections, and never answers.
  server = createServer(socket => void opened.push(socket));
  connections = new HostConnections();
  await expect(ask({ ...(await listening()), secure: true })).rejects.toThrow('no connection');
  opened.forEach(socket => socket.destroy());
});
