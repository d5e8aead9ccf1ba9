import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/control/parse-request.js';

describe('a request on the control socket', () => {
  it('has an id, a name, and the parameters of that name', () => {
    expect(parseRequest('{"id":7,"request":"restart","slot":1}')).toMatchObject({
      type: 'request',
      id: 7,
      name: 'restart',
      params: { slot: 1 },
    });
  });

  it.each([
    '',
    'status',
    'null',
    '[]',
    '{"id":1}',
    '{"id":"1","request":"status"}',
    '{"id":-1,"request":"status"}',
    '{"id":1.5,"request":"status"}',
    '{"request":"status"}',
    '{"id":1,"request":5}',
  ])('is malformed: %s', line => {
    expect(parseRequest(line)).toEqual({ type: 'malformed' });
  });

  it.each(['restat', 'toString', '__proto__', 'constructor', ''])('is unknown: "%s"', request => {
    expect(parseRequest(JSON.stringify({ id: 1, request }))).toEqual({
      type: 'unknown',
      id: 1,
      name: request,
    });
  });

  it.each([
    ['{"id":1,"request":"restart"}', '"slot" should be an integer from 0 to 1024, not "undefined"'],
    [
      '{"id":1,"request":"restart","slot":-1}',
      '"slot" should be an integer from 0 to 1024, not -1',
    ],
    [
      '{"id":1,"request":"scale","workers":0}',
      '"workers" should be an integer from 1 to 1024, not 0',
    ],
    ['{"id":1,"request":"logs","follow":1}', '"follow" should be true or false, not 1'],
  ])('has invalid parameters: %s', (line, why) => {
    const parsed = parseRequest(line);
    expect(parsed.type).toBe('invalid');
    expect((parsed as { why: string }).why.replace('not undefined', 'not "undefined"')).toBe(why);
  });
});
