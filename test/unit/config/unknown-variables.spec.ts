import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { warnOfOptions } from '../../../src/config/warn-of-options.js';

function warningsOf(env: NodeJS.ProcessEnv, named = true, times = 1): string[] {
  const warnings: string[] = [];
  const said = new Set<string>();
  const options = resolveOptions({}, env, () => (named ? { name: 'x', origin: 'y' } : undefined));
  for (let time = 0; time < times; time++) {
    warnOfOptions(options, env, { warn: (text: string) => warnings.push(text) }, said);
  }
  return warnings;
}

describe('warnings of options', () => {
  it.each([
    ['CLUSTER_WROKERS', 'CLUSTER_WORKERS'],
    ['CLUSTER_REDIS', 'CLUSTER_REDIS_URL'],
    ['CLUSTER_REDIS_HOST', 'CLUSTER_REDIS_URL'],
    ['CLUSTER_SHUTDOWN_TIMOUT', 'CLUSTER_SHUTDOWN_TIMEOUT'],
    ['CLUSTER_RELOAD_MAXSURGE', 'CLUSTER_RELOAD_MAX_SURGE'],
    ['CLUSTER_BUS', 'CLUSTER_BUS_TIMEOUT'],
  ])('of %s suggest %s, and show no value', (name, meant) => {
    const [warning, ...others] = warningsOf({ [name]: 's3cret' });
    expect(warning).toContain(`${name} (did you mean \`${meant}\``);
    expect(warning).not.toContain('s3cret');
    expect(others).toEqual([]);
  });

  it.each([
    'CLUSTER_NAME',
    'CLUSTER_ID',
    'CLUSTER_PORT',
    'CLUSTER_SLOT',
    'CLUSTER_WORKERS',
    'PATH',
  ])('leave %s alone', name => {
    expect(warningsOf({ [name]: '1' })).toEqual([]);
  });

  it('come once in a process that creates several applications', () => {
    const env = { CLUSTER_REDIS_URL: 'redis://localhost', CLUSTER_WROKERS: '2' };
    expect(warningsOf(env, false, 2)).toHaveLength(2);
  });

  it('are one line, of a bounded length', () => {
    const names = Array.from({ length: 100 }, (_, index) => [`CLUSTER_REDIS_${index}`, 'x']);
    const warnings = warningsOf(Object.fromEntries(names));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]!.length).toBeLessThan(600);
  });

  it('tell that a namespace in Redis is nobody’s own', () => {
    const env = { CLUSTER_REDIS_URL: 'redis://localhost' };
    expect(warningsOf(env)).toEqual([]);
    expect(warningsOf(env, false)).toEqual([expect.stringContaining('Set the option namespace')]);
    expect(warningsOf({}, false)).toEqual([]);
    expect(warningsOf({ ...env, CLUSTER_DOCTOR: '-namespace' }, false)).toEqual([]);
  });
});
