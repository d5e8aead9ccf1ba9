import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe } from 'vitest';
import { createServices } from '../../src/services/create-services.js';
import { MemoryBudget } from '../../src/state/backends/memory/memory-budget.js';
import { BusNode, IoNode } from '../support/socket-io/io-node.js';
import { describeAdapters, type Nodes } from './socket-io/adapter.examples.js';

const BACKENDS = {
  memory: () => ({}),
  Redis: () => ({ redis: process.env['TEST_REDIS_URL']!, namespace: randomUUID() }),
};

describe.each(Object.entries(BACKENDS))('the adapters of Socket.IO over %s', (_, optionsOf) => {
  let nodes: Nodes;

  beforeEach(async () => {
    const services = createServices(Infinity, new MemoryBudget());
    const options = optionsOf();
    nodes = (await Promise.all(
      [1, 2, 3].map(async id => IoNode.start(await BusNode.start(services, id, options), 500)),
    )) as unknown as Nodes;
    // Those that started first know the others by their announcements.
    await Promise.all(nodes.map(({ link }) => link.ready()));
  });

  afterEach(() => Promise.all(nodes.map(node => node.close())));

  describeAdapters(() => nodes);
});
