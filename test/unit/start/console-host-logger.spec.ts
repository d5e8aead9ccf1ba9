import { afterEach, describe, expect, it } from 'vitest';
import { ConsoleLogger, type ConsoleLoggerOptions } from '@nestjs/common';
import { logAs, logFor, logLabel } from '../../../src/bootstrap/cluster-log-fields.js';
import { labelConsoleLines } from '../../../src/nest/label-console-lines.js';
import { ConsoleHostLogger } from '../../../src/start/console-host-logger.js';
import { loggingInUse } from '../../../src/start/logging-in-use.js';

afterEach(() => logAs('single'));

const STACK = 'Error: no\n    at run (file.js:1:2)';

/** Returns what both loggers print, without the differences in time. */
function bothPrint(options: ConsoleLoggerOptions): readonly (readonly string[])[] {
  const nest = new ConsoleLogger(options);
  const logging = loggingInUse(nest);
  if (logging === undefined) {
    throw new Error('These options cannot be passed on.');
  }
  const printed: string[] = [];
  const stream = (name: string) => ({ write: (text: string) => printed.push(name + text) > 0 });
  const streams = { stdout: stream('1'), stderr: stream('2') } as never;
  const cluster = new ConsoleHostLogger(logging, streams).named('Cluster');
  cluster.log('two\nlines');
  cluster.warn('careful: ü');
  cluster.fatal('the end');
  logFor({ slot: 1, generation: 0, pid: 4711 }, () => cluster.error('no', STACK));
  const ours = printed.splice(0);

  const { stdout, stderr } = process;
  const restore = [stdout, stderr].map((each, place) => {
    const { write } = stream(String(place + 1));
    const original = Object.getOwnPropertyDescriptor(each, 'write');
    Object.defineProperty(each, 'write', { value: write, configurable: true });
    return () => {
      Reflect.deleteProperty(each, 'write');
      if (original) {
        Object.defineProperty(each, 'write', original);
      }
    };
  });
  try {
    nest.log('two\nlines', 'Cluster');
    nest.warn('careful: ü', 'Cluster');
    nest.fatal('the end', 'Cluster');
    logFor({ slot: 1, generation: 0, pid: 4711 }, () => nest.error('no', STACK, 'Cluster'));
  } finally {
    restore.forEach(each => each());
  }
  return [ours, printed.splice(0)].map(lines =>
    lines.map(line =>
      line
        .replace(/"timestamp":\d+/, '"timestamp":0')
        .replace(/:\d\d (AM|PM)/, ':00 $1')
        .replace(/ \+\d+ms/, ' +0ms'),
    ),
  );
}

describe('ConsoleHostLogger', () => {
  it.each<ConsoleLoggerOptions>([
    {},
    { colors: true },
    { colors: false },
    { prefix: 'Shop', colors: false },
    { json: true },
    { logLevels: ['error'] },
    { logLevels: ['warn', 'log'] },
    { logLevels: [] },
    { depth: 2, forceConsole: false },
  ])('prints the same lines as ConsoleLogger with %j', options => {
    logAs('primary');
    labelConsoleLines(logLabel);
    const [ours, theirs] = bothPrint(options);
    expect(ours).toEqual(theirs);
    expect(ours!.length > 0).toBe(options.logLevels?.length !== 0);
  });

  it('prints the time since the last line', () => {
    logAs('primary');
    const printed: string[] = [];
    const stream = { write: (text: string) => printed.push(text) > 0 };
    let now = 1_000;
    const logging = loggingInUse(new ConsoleLogger({ timestamp: true, colors: false }));
    const streams = { stdout: stream, stderr: stream };
    const cluster = new ConsoleHostLogger(logging!, streams, () => now).named('Cluster');
    cluster.log('first');
    now += 12;
    cluster.log('second');
    expect(printed).toEqual([
      expect.stringMatching(/\[Cluster\] first\n$/),
      expect.stringMatching(/\[Cluster\] second \+12ms\n$/),
    ]);
  });

  it('prints only why the host gives up if logging is off', () => {
    const printed: string[] = [];
    const stream = { write: (text: string) => printed.push(text) > 0 };
    const logger = new ConsoleHostLogger(null, { stdout: stream, stderr: stream });
    logger.named('Cluster').error('unheard');
    logger.named('Cluster').fatal('no worker was ever ready');
    expect(printed).toEqual([expect.stringContaining('no worker was ever ready')]);
    expect(logger.writesRecords).toBe(false);
  });
});
