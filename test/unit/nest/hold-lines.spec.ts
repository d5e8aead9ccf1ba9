import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { holdLines } from '../../../src/nest/hold-lines.js';

const recorder = (lines: unknown[]): LoggerService => {
  const log = (message: unknown): void => void lines.push(message);
  return { log, warn: log, error: log };
};

beforeEach(() => void vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  Logger.overrideLogger(new ConsoleLogger());
});

it('prints what was said meanwhile by the logger that came of it, without the boot of Nest', () => {
  const [early, late]: [unknown[], unknown[]] = [[], []];
  Logger.overrideLogger(recorder(early));
  const print = holdLines();
  new Logger('NestFactory').log('starting');
  new Logger('Settings').log('read');
  new Logger('Settings').error('odd');
  Logger.overrideLogger(recorder(late));
  print();
  print();
  new Logger('NestFactory').log('next');
  expect([early, late]).toEqual([[], ['read', 'odd', 'next']]);
});

it('waits for no longer than it was told', () => {
  const lines: unknown[] = [];
  Logger.overrideLogger(recorder(lines));
  holdLines(1_000);
  new Logger('Settings').log('connecting');
  vi.advanceTimersByTime(999);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lines).toEqual(['connecting']);
});
