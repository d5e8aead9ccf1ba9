import { afterEach, describe, expect, it } from 'vitest';
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { logAs } from '../../../src/bootstrap/cluster-log-fields.js';
import { nestHostLogger, usePrimaryLogger } from '../../../src/bootstrap/primary-logger.js';

class Foreign implements LoggerService {
  readonly lines: unknown[] = [];
  log = (message: unknown): void => void this.lines.push(message);
  error = this.log;
  warn = this.log;
}

afterEach(() => {
  Logger.overrideLogger(new ConsoleLogger());
  logAs('single');
});

describe('usePrimaryLogger()', () => {
  it('has every Logger use the one of the options', () => {
    const logger = new Logger('Cluster');
    const foreign = new Foreign();
    usePrimaryLogger(foreign);
    logger.log('hello');
    usePrimaryLogger(null);
    logger.warn('still here');
    expect(foreign.lines).toEqual(['hello', 'still here']);
  });
});

describe('nestHostLogger(): writesRecords', () => {
  it.each([
    ['json', 'json', true],
    ['a logger that is not Nest’s', new Foreign(), true],
    ['a ConsoleLogger', new ConsoleLogger(), false],
    ['a ConsoleLogger with JSON', new ConsoleLogger({ json: true }), true],
  ] as const)('%s', (_, option, expected) => {
    expect(nestHostLogger(option).writesRecords).toBe(expected);
  });

  it.each([
    ['a ConsoleLogger with JSON', new ConsoleLogger({ json: true }), true],
    ['a ConsoleLogger', new ConsoleLogger(), false],
    // It may write text: only as an option, it is taken for one that does not.
    ['a logger that is not Nest’s', new Foreign(), false],
  ])('without an option, %s of NestFactory.create()', (_, inUse, expected) => {
    Logger.overrideLogger(inUse);
    expect(nestHostLogger(null).writesRecords).toBe(expected);
  });
});
