import { createServer, type Server } from 'node:http';
import { expect, it } from 'vitest';
import { holdHttpServers, observeHttpServers } from '../../../../src/drain/http/http-servers.js';

it('servers that listen before anybody observes them wait for the observer', async () => {
  holdHttpServers();
  const server = createServer();
  const listening = new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  expect(server.address()).toBeNull();
  const seen: Server[] = [];
  observeHttpServers((each, listen) => {
    seen.push(each);
    listen();
  });
  await listening;
  expect(seen).toEqual([server]);
  expect(server.address()).toMatchObject({ address: '127.0.0.1' });
  await new Promise(resolve => server.close(resolve));
});
