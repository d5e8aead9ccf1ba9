import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { ServerHost } from '../support/socket-io/server-host.js';
import { describeMessages } from './socket-io/messages.examples.js';
import { describeNamespaces } from './socket-io/namespaces.examples.js';
import { describeSessions } from './socket-io/sessions.examples.js';

const BACKENDS = {
  memory: () => ({}),
  Redis: () => ({ redis: process.env['TEST_REDIS_URL']!, namespace: randomUUID() }),
};

describe.each(Object.entries(BACKENDS))(
  'a server of Socket.IO whose requests all reach another worker, over %s',
  (_, optionsOf) => {
    let host: ServerHost;

    beforeAll(async () => {
      host = await ServerHost.start(optionsOf());
    });

    afterAll(() => host.close());

    describe('sessions', () => describeSessions(() => host));
    describe('messages', () => describeMessages(() => host));
    describe('namespaces', () => describeNamespaces(() => host));
  },
);
