import { afterEach, describe, expect, it } from 'vitest';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { isBootLine } from '../../../src/nest/boot-contexts.js';
import { interceptLogs, type LogCall } from '../../../src/nest/logger-calls.js';

/** A logger of the user's, which remembers what it is told. */
class Recorder extends ConsoleLogger {
  readonly lines: string[] = [];

  override log(...words: unknown[]): void {
    this.lines.push(`log ${words.join(' ')}`);
  }

  override error(...words: unknown[]): void {
    this.lines.push(`error ${words.join(' ')}`);
  }
}

const recorder = new Recorder();

afterEach(() => {
  Logger.overrideLogger(new ConsoleLogger());
  recorder.lines.length = 0;
});

describe('interceptLogs()', () => {
  it('shows each call of an instance, and of the class, before it is printed', () => {
    Logger.overrideLogger(recorder);
    const calls: LogCall[] = [];
    const stop = interceptLogs(call => {
      calls.push(call);
      return call.level === 'log';
    });
    new Logger('NestFactory').log('starting');
    Logger.log('static', 'Main');
    new Logger('Users').error('broken');
    expect(recorder.lines).toEqual(['error broken  Users']);
    expect(calls.map(({ level, context }) => [level, context])).toEqual([
      ['log', 'NestFactory'],
      ['log', undefined],
      ['error', 'Users'],
    ]);
    stop();
    calls.forEach(({ level, print }) => level === 'log' && print());
    expect(recorder.lines.slice(1)).toEqual(['log starting NestFactory', 'log static Main']);
  });

  it('leaves nothing behind', () => {
    const methods = Logger.prototype as unknown as Record<string, unknown>;
    const original = methods['log'];
    const [first, second] = [interceptLogs(() => false), interceptLogs(() => false)];
    first();
    expect(methods['log']).not.toBe(original);
    second();
    second();
    expect(methods['log']).toBe(original);
  });
});

describe('isBootLine()', () => {
  it.each([
    ['log', 'InstanceLoader', true],
    ['debug', 'NestApplication', true],
    ['warn', 'RouterExplorer', false],
    ['log', 'UsersService', false],
    ['log', undefined, false],
  ] as const)('%s of %s: %s', (level, context, expected) => {
    expect(isBootLine({ level, context })).toBe(expected);
  });
});
