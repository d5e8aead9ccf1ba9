import { Logger } from '@nestjs/common';
import type { ClusterMessage } from 'socket.io-adapter';
import { expect, it, vi } from 'vitest';
import { IoLink, type LinkBus } from '../../../src/socket.io/adapter/io-link.js';

it('logs a message that JSON cannot represent', () => {
  const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const emit = vi.fn<LinkBus['emit']>();
  const opened = Promise.resolve();
  const bus = { member: { host: 'a', id: 1 }, emit, subscribe: () => opened, answer: () => opened };
  const link = new IoLink(bus as unknown as LinkBus, '0/socket.io');
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const packet of [[1n], cycle]) {
    link.publish({ type: 'serverSideEmit', data: { packet } } as unknown as ClusterMessage);
    expect(error.mock.lastCall![0]).toContain('was not sent to the other workers');
  }
  expect(error).toHaveBeenCalledTimes(2);
  expect(emit).not.toHaveBeenCalled();
  error.mockRestore();
});
