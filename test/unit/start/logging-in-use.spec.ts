import { afterEach, describe, expect, it } from 'vitest';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { loggingInUse } from '../../../src/start/logging-in-use.js';
import { localTime, plainTime } from '../../../src/start/logging-data.js';

class OwnLogger extends ConsoleLogger {}

const foreign = { log: () => {}, warn: () => {}, error: () => {} };

afterEach(() => Logger.overrideLogger(new ConsoleLogger()));

describe('loggingInUse()', () => {
  it.each([
    ['a subclass', new OwnLogger()],
    ['another logger', foreign],
    ['an option with a function', new ConsoleLogger({ redact: ['password'] })],
    ['JSON in color', new ConsoleLogger({ json: true, colors: true })],
    ['JSON on several lines', new ConsoleLogger({ json: true, compact: false })],
  ])('cannot pass on %s', (_, logger) => {
    expect(loggingInUse(logger)).toBeUndefined();
  });

  it.each([
    [null, { json: false, prefix: 'Nest' }],
    ['json', { json: true, colors: false }],
  ] as const)('passes on the option %j', (option, expected) => {
    expect(loggingInUse(option)).toMatchObject(expected);
  });

  it('passes on what NestFactory.create() got', () => {
    Logger.overrideLogger(['error']);
    expect(loggingInUse(null)?.levels).toEqual(['error', 'fatal']);
    Logger.overrideLogger(false);
    expect(loggingInUse(null)).toBeNull();
    Logger.overrideLogger(foreign);
    expect(loggingInUse(null)).toBeUndefined();
  });
});

describe('plainTime()', () => {
  it('is the time in American English', () => {
    // Whether it is the language of this process or not.
    const american = new Intl.DateTimeFormat('en-US', {
      year: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      day: '2-digit',
      month: '2-digit',
    });
    for (let hour = 0; hour < 48; hour++) {
      const time = Date.UTC(2026, 1, 28, hour, hour, 59 - hour);
      expect(plainTime(time)).toBe(american.format(time));
    }
    expect(localTime(0)).not.toBe('');
  });
});
