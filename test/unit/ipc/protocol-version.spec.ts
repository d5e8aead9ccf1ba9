import { expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../../src/ipc/protocol-version.js';

// With version 3, a primary closes the connections that a worker moves to another one, because it does not know the message.
it('no primary that cannot pass connections on has this version', () => {
  expect(PROTOCOL_VERSION).toBeGreaterThan(3);
});
