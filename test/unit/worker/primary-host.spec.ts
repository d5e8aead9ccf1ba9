import { describe, expect, it } from 'vitest';
import { PrimaryHost } from '../../../src/worker/primary-host.js';
import { FakeLink } from '../../support/fakes/fake-link.js';

const nothing = (): void => {};

describe('PrimaryHost', () => {
  it('has time to kill its worker as long as the primary lives', () => {
    const [link] = FakeLink.pair();
    const orders = { onDrain: nothing, onOpen: nothing, onPromote: nothing };
    const host = new PrimaryHost(link, orders, { warn: nothing, error: nothing });
    expect(host.killGrace).toBe(1_000);
    link.close();
    expect(host.killGrace).toBe(0);
  });
});
