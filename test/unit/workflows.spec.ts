import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = join(root, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const steps = readdirSync(directory).flatMap(name => {
  const { jobs } = parse(readFileSync(join(directory, name), 'utf8')) as Workflow;
  return Object.values(jobs).flatMap(job => job.steps);
});

describe('the GitHub workflows', () => {
  it('call npm scripts that exist', () => {
    const called = steps.flatMap(({ run = '' }) => [
      ...[...run.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!),
      ...(/npm test\b/.test(run) ? ['test'] : []),
    ]);
    expect(called).toEqual(
      expect.arrayContaining(['lint', 'test', 'test:unit', 'test:smoke', 'test:coverage']),
    );
    expect(called.filter(name => scripts[name] === undefined)).toEqual([]);
  });

  it('name a version of each action', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter(action => !/[@:]v?\d[\d.]*$/.test(action))).toEqual([]);
  });

  it('choose the Redis server of the tests with a variable that the tests read', () => {
    const [variable] = steps.flatMap(({ env = {} }) =>
      Object.keys(env).filter(name => name.startsWith('TEST_')),
    );
    const program = readFileSync(join(root, 'test/support/redis/redis-program.ts'), 'utf8');
    expect(program).toContain(`process.env['${variable}']`);
  });
});
