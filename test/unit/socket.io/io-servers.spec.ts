import { Logger } from '@nestjs/common';
import { expect, it, vi } from 'vitest';
import { createServices } from '../../../src/services/create-services.js';
import { IoServers } from '../../../src/socket.io/io-servers.js';
import { MemoryBudget } from '../../../src/state/backends/memory/memory-budget.js';
import { forwardingRuntime } from '../../support/socket-io/server-host.js';

it('a worker that cannot open its private socket is ready, and logs why', async () => {
  const runtime = forwardingRuntime(createServices(Infinity, new MemoryBudget()), 1);
  const channel = { ask: () => Promise.reject(new Error('read-only')), close: () => {} };
  Object.assign(runtime.host, { channel: { open: () => channel } });
  const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
  const servers = new IoServers(runtime, { get: () => ({}) as never }, {});
  await servers.ready();
  expect(logged.mock.calls).toEqual([[expect.stringMatching(/cannot begin sessions.*read-only/)]]);
  logged.mockRestore();
  await servers.close();
});
