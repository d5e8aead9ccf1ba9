import { describe, expect, it } from 'vitest';
import { PatternRelays } from '../../../../src/bus/membership/pattern-relays.js';
import { settle } from '../../../support/fakes/fake-clock.js';

describe('the publishers that relay to patterns', () => {
  const LONG = 60_000;

  function waitingFor(publishers: string[], timeout = LONG) {
    const relays = new PatternRelays(() => publishers);
    let isComplete = false;
    const complete = relays.until('x.*', timeout).then(() => (isComplete = true));
    const check = async (): Promise<boolean> => {
      await settle();
      return isComplete;
    };
    return { relays, complete, check };
  }

  it('are complete if there are none', async () => {
    expect(await waitingFor([]).check()).toBe(true);
  });

  it('are complete when each of them has confirmed the pattern', async () => {
    const { relays, check } = waitingFor(['a', 'b']);
    relays.confirm('a', ['x.*', 'y.*']);
    relays.confirm('b', ['y.*']);
    relays.confirm('unknown', ['x.*']);
    expect(await check()).toBe(false);
    relays.confirm('b', ['x.*']);
    expect(await check()).toBe(true);
  });

  it('are complete when those that have not confirmed are gone', async () => {
    const publishers = ['a', 'b'];
    const { relays, check } = waitingFor(publishers);
    relays.confirm('a', ['x.*']);
    publishers.pop();
    relays.gone('b');
    expect(await check()).toBe(true);
  });

  it('must confirm a pattern again that they have given up', async () => {
    const relays = new PatternRelays(() => ['a']);
    relays.confirm('a', ['x.*']);
    relays.confirm('a', []);
    let isComplete = false;
    void relays.until('x.*', LONG).then(() => (isComplete = true));
    await settle();
    expect(isComplete).toBe(false);
    relays.confirm('a', ['x.*']);
    await settle();
    expect(isComplete).toBe(true);
  });

  it('are waited for no longer than the timeout', async () => {
    await waitingFor(['a'], 10).complete;
    expect(await waitingFor(['a']).check()).toBe(false);
  });
});
