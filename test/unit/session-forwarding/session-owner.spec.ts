import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import {
  ownedSessionId,
  ownerOf,
  sessionIdIn,
} from '../../../src/session-forwarding/session-owner.js';
import { privateSocketPath } from '../../../src/session-forwarding/private-socket-path.js';

describe('the id of a session', () => {
  it('names its owner', () => {
    const owner = { host: '0123456789ab', worker: 17 };
    expect(ownerOf(ownedSessionId(owner, 'x.y/z'))).toEqual(owner);
  });

  it.each([
    '',
    'kY3ZqvTq8xOWzyKKAAAB',
    '0123456789ab',
    '0123456789ab.1',
    '0123456789ab.1.',
    '0123456789ab.0.a',
    '0123456789ab.01.a',
    '0123456789ab.-1.a',
    '0123456789ab.1e3.a',
    '0123456789ab.1234567890.a',
    '0123456789AB.1.a',
    '0123456789ab.1/../2.a',
    '0123456789ab.../x.a',
    ' 0123456789ab.1.a',
    `0123456789ab.1.${'a'.repeat(300)}`,
  ])('that is forged names nobody: %s', id => {
    expect(ownerOf(id)).toBeUndefined();
  });

  it('leads to no path outside of the directory, whatever it is', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '/', '\0', '0123456789ab', '1', '%2e', '.sock'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom('.', '', '/'), (parts, by) => {
        const owner = ownerOf(parts.join(by));
        if (owner) {
          expect(privateSocketPath('/run/private', owner.worker)).toMatch(
            /^\/run\/private\/[1-9][0-9]{0,8}\.sock$/,
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the query of a URL', () => {
  it.each([
    ['/socket.io/?EIO=4&transport=polling', undefined],
    ['/socket.io/', undefined],
    [undefined, undefined],
    ['/socket.io/?sid=a.b', 'a.b'],
    ['/socket.io/?x=1&sid=a%2Eb#c', 'a.b'],
    ['/sid=a?b=c', undefined],
    // Engine.IO uses the last one.
    ['/?sid=a&sid=b', 'b'],
    ['/?%73id=a&sid', ''],
  ])('has the session id that Engine.IO reads: %s', (url, id) => {
    expect(sessionIdIn(url)).toBe(id);
  });
});
