import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { defaultLogging } from '../../../src/start/logging-data.js';
import { type OptionsData, reportOf } from '../../../src/start/options-data.js';
import {
  hasPassedOptions,
  passOptions,
  takePassedOptions,
} from '../../../src/start/primary-options.js';

const PID = 4711;

function data(options: object = {}): OptionsData {
  const report = reportOf(resolveOptions(options, {}), defaultLogging(false, {}));
  return (report as Extract<typeof report, { type: 'options' }>).options;
}

describe('the options that a primary passes to the program that replaces it', () => {
  const passed = {
    options: data({ workers: 3 }),
    launchVariables: ['PATH', 'HOME'],
    once: [{ key: 'migrations', text: '{"at":1}' }],
  };
  const value = passOptions(passed, PID);

  it('arrive whole, and leave the environment', () => {
    const env = { CLUSTER_PRIMARY_OPTIONS: value, PATH: '/bin' };
    expect(hasPassedOptions(env, PID)).toBe(true);
    expect(takePassedOptions(env, PID)).toEqual(passed);
    expect(env).toEqual({ PATH: '/bin' });
  });

  it('are those of one process, also if another one inherits them', () => {
    const env = { CLUSTER_PRIMARY_OPTIONS: value };
    expect(hasPassedOptions(env, PID + 1)).toBe(false);
    expect(() => takePassedOptions(env, PID + 1)).toThrow('CLUSTER_PRIMARY_OPTIONS is invalid');
  });

  it.each([{}, { CLUSTER_PRIMARY_OPTIONS: `${PID}:{"options":{"workers":0}}` }])(
    'are not taken from anybody else: %j',
    env => {
      expect(() => takePassedOptions(env, PID)).toThrow('CLUSTER_PRIMARY_OPTIONS is invalid');
    },
  );

  it('are checked before the program is replaced', () => {
    const options = { ...data(), workers: 0 };
    expect(() => passOptions({ ...passed, options }, PID)).toThrow('is invalid');
  });
});
