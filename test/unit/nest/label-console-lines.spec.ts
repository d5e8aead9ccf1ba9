import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConsoleLogger } from '@nestjs/common';
import { labelConsoleLines, type LogLabel } from '../../../src/nest/label-console-lines.js';

const NONE: LogLabel = { text: undefined, fields: {} };

let label = NONE;

beforeAll(() => labelConsoleLines(() => label));

afterEach(() => void vi.restoreAllMocks());

// The methods stay wrapped.
afterAll(() => labelConsoleLines(() => NONE));

/** What a logger writes for `log('hello')`. */
function written(logger: ConsoleLogger, ...params: unknown[]): string {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    text += String(chunk);
    return true;
  });
  logger.log('hello', ...params);
  return text;
}

describe('labelConsoleLines()', () => {
  it('puts the name of the process where Nest has its pid', () => {
    label = { text: 'worker 2', fields: {} };
    expect(written(new ConsoleLogger({ colors: false }))).toMatch(
      /^\[Nest\] worker 2 {2}- .* LOG hello\n$/,
    );
    label = { text: undefined, fields: {} };
    expect(written(new ConsoleLogger({ colors: false, prefix: 'Mine' }))).toMatch(
      new RegExp(`^\\[Mine\\] ${process.pid} {2}- `),
    );
  });

  it('adds the fields to JSON records, but overwrites none of the application', () => {
    label = { text: 'worker 2', fields: { slot: 2, generation: 1, pid: 4711 } };
    expect(JSON.parse(written(new ConsoleLogger({ json: true }), 'Users'))).toMatchObject({
      level: 'log',
      message: 'hello',
      context: 'Users',
      slot: 2,
      generation: 1,
      pid: 4711,
    });
    const flat = new ConsoleLogger({ json: true, flattenParams: true });
    expect(JSON.parse(written(flat, { slot: 'mine' }))).toMatchObject({ slot: 'mine', pid: 4711 });
  });

  it('leaves a class alone that formats by itself', () => {
    class Own extends ConsoleLogger {
      protected override formatPid(): string {
        return 'own ';
      }
    }
    label = { text: 'worker 2', fields: {} };
    expect(written(new Own({ colors: false }))).toMatch(/^own /);
  });
});
