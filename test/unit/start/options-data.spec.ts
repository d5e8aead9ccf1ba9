import { describe, expect, it } from 'vitest';
import type { ClusterModuleOptions } from '../../../src/config/cluster-options.interface.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { defaultLogging } from '../../../src/start/logging-data.js';
import { type OptionsReport, reportOf } from '../../../src/start/options-data.js';
import { optionsFrom, optionsProtocol } from '../../../src/start/options.protocol.js';

const LOGGING = defaultLogging(false, {});

function report(options: object): OptionsReport {
  return reportOf(resolveOptions(options, {}), LOGGING);
}

describe('the report of the options', () => {
  it.each<ClusterModuleOptions>([
    {},
    { workers: 3, scheduling: 'shared', spare: 2 },
    { control: false },
    { control: '/run/shop' },
    { recycle: { maxMemory: '80%' }, state: { maxMemory: '512mb' }, namespace: 'shop' },
  ])('gives the primary the same options after it was sent: %j', given => {
    const sent = JSON.parse(JSON.stringify(report(given))) as OptionsReport;
    expect(optionsProtocol.toPrimary.options(sent)).toBeUndefined();
    const { options, logging } = optionsFrom(
      (sent as Extract<OptionsReport, { type: 'options' }>).options,
    );
    expect(options).toEqual({ ...resolveOptions(given, {}), redis: null });
    expect(logging).toEqual(LOGGING);
  });

  it('tells that Redis is used, and nothing else about it', () => {
    const sent = JSON.stringify(report({ redis: 'redis://user:secret@redis.internal' }));
    expect(sent).not.toMatch(/secret|redis\.internal/);
    expect(JSON.parse(sent)).toMatchObject({ options: { usesRedis: true } });
  });

  it('leaves single mode to the process that was started', () => {
    expect(report({ workers: 0 })).toEqual({
      type: 'unsuitable',
      reasons: ['the option workers is 0'],
    });
  });

  it('names what only the application itself has', () => {
    const events = { workerReady: () => {}, workerExited: undefined };
    expect(report({ events })).toEqual({
      type: 'unsuitable',
      reasons: ['the option events.workerReady is a function'],
    });
    expect(reportOf(resolveOptions({}, {}), undefined)).toMatchObject({
      type: 'unsuitable',
      reasons: [expect.stringContaining('ConsoleLogger')],
    });
  });

  it.each([
    { workers: 0 },
    { workers: '2' },
    { boot: { timeout: -1 } },
    { recycle: { maxMemory: { share: 2 } } },
    { logging: {} },
  ])('is refused if it is invalid: %j', change => {
    const { options } = report({}) as { options: object };
    const sent = { type: 'options', options: { ...options, ...change } };
    expect(optionsProtocol.toPrimary.options(sent)).toBeDefined();
  });
});
