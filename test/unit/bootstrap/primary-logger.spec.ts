import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { ExceptionsZone } from '@nestjs/core/errors/exceptions-zone.js';
import { logAs } from '../../../src/bootstrap/cluster-log-fields.js';
import { nestHostLogger, usePrimaryLogger } from '../../../src/bootstrap/primary-logger.js';

class Foreign implements LoggerService {
  readonly lines: unknown[] = [];
  log = (message: unknown): void => void this.lines.push(message);
  error = this.log;
  warn = this.log;
}

/** Nest catches an error in `create()`. */
function fail(message: string): void {
  ExceptionsZone.run(
    () => {
      throw new Error(message);
    },
    () => {},
    false,
  );
}

afterEach(() => {
  Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']);
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

  it('logs an error of create(), which has turned logging off after it', () => {
    const foreign = new Foreign();
    usePrimaryLogger(foreign);
    Logger.overrideLogger(false);
    fail('wrong options');
    expect(foreign.lines).toEqual([new Error('wrong options')]);
  });

  it.each([[false], [['fatal' as const]], [['error' as const]]])(
    'without an option, logs an error of create() once, which has set %j',
    setting => {
      const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      usePrimaryLogger(null);
      Logger.overrideLogger(setting);
      fail('wrong options');
      const lines = written.mock.calls.map(([line]) => String(line));
      written.mockRestore();
      expect(lines.filter(line => line.includes('wrong options'))).toHaveLength(1);
    },
  );

  it('logs an error of create() although logs are buffered', () => {
    const foreign = new Foreign();
    usePrimaryLogger(foreign);
    Logger.attachBuffer();
    fail('wrong options');
    expect(foreign.lines).toEqual([new Error('wrong options')]);
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

describe('nestHostLogger(): named()', () => {
  it('logs why the host gives up, even if logging is off', () => {
    const [stdout, stderr] = [process.stdout, process.stderr].map(stream =>
      vi.spyOn(stream, 'write').mockReturnValue(true),
    );
    Logger.overrideLogger(false);
    const logger = nestHostLogger(null).named('Cluster');
    logger.log('starts');
    logger.error('failed');
    logger.fatal('no worker was ever ready');
    const lines = [stdout, stderr].flatMap(spy => spy!.mock.calls.map(([line]) => String(line)));
    vi.restoreAllMocks();
    expect(lines).toEqual([expect.stringContaining('no worker was ever ready')]);
  });
});
