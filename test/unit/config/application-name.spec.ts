import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applicationName, mainPlace } from '../../../src/config/application-name.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'application-name-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

const nameOf = (script: string): string | undefined => applicationName(join(root, script))?.name;

const MONOREPO = {
  'package.json': { name: 'acme' },
  'nest-cli.json': {
    monorepo: true,
    root: 'apps/web',
    projects: {
      web: { type: 'application', root: 'apps/web', entryFile: 'main' },
      api: { type: 'application', root: 'apps/api', entryFile: 'main' },
      'api-admin': { type: 'application', root: 'apps/api/admin' },
      worker: { type: 'application', root: 'services/jobs' },
    },
  },
};

describe('applicationName()', () => {
  it.each([
    ['tickets', 'tickets'],
    ['@acme/tickets', 'acme.tickets'],
    ['Old_Name', 'Old_Name'],
    ["it's~odd", 'it-s-odd'],
  ])('is the name of the package %s: %s', (name, expected) => {
    write({ 'package.json': { name }, 'dist/main.js': '' });
    expect(nameOf('dist/main.js')).toBe(expected);
  });

  it('says where it comes from', () => {
    write({ 'package.json': { name: 'tickets' }, 'dist/main.js': '' });
    expect(applicationName(join(root, 'dist/main.js'))?.origin).toMatch(
      /^name in \/.*\/package\.json$/,
    );
  });

  it('comes from the nearest package.json that has a name', () => {
    write({
      'package.json': { name: 'outer' },
      'app/package.json': { name: 'inner' },
      'app/dist/package.json': { type: 'commonjs' },
      'app/dist/esm/package.json': '{ broken',
      'app/dist/esm/main.js': '',
    });
    expect(nameOf('app/dist/esm/main.js')).toBe('inner');
  });

  it('is found for a script without its ending, and for a directory', () => {
    write({ 'package.json': { name: 'tickets' }, 'dist/index.js': '', 'dist/main.js': '' });
    expect(nameOf('dist/main')).toBe('tickets');
    expect(nameOf('dist')).toBe('tickets');
  });

  it('is at most as long as a namespace may be, and still unique', () => {
    const names = ['a', 'b'].map(end => {
      write({ 'package.json': { name: `${'x'.repeat(100)}${end}` }, 'main.js': '' });
      return nameOf('main.js')!;
    });
    expect(names.map(({ length }) => length)).toEqual([64, 64]);
    expect(new Set(names).size).toBe(2);
  });

  it('does not change from one release to the next', () => {
    write({
      'releases/1/package.json': { name: 'tickets' },
      'releases/1/dist/main.js': '',
      'releases/2/package.json': { name: 'tickets' },
      'releases/2/dist/main.js': '',
    });
    symlinkSync(join(root, 'releases/1'), join(root, 'current'));
    symlinkSync(join(root, 'releases/2/dist/main.js'), join(root, 'start.js'));
    expect(nameOf('current/dist/main.js')).toBe('tickets');
    expect(nameOf('releases/2/dist/main.js')).toBe('tickets');
    expect(nameOf('start.js')).toBe('tickets');
  });

  it.each([
    ['dist/apps/api/main.js', 'acme.api'],
    ['dist/apps/api/src/main.js', 'acme.api'],
    ['dist/apps/api/admin/main.js', 'acme.api-admin'],
    ['apps/web/src/main.ts', 'acme.web'],
    ['dist/services/jobs/main.js', 'acme.worker'],
    ['out/worker/main.js', 'acme.worker'],
    ['scripts/seed.js', 'acme'],
  ])('in a monorepo of Nest CLI has the name of the project: %s is %s', (script, expected) => {
    write({ ...MONOREPO, [script]: '' });
    expect(nameOf(script)).toBe(expected);
  });

  it('is the same in an image that has the build alone', () => {
    write({ 'package.json': { name: 'acme' }, 'dist/apps/api/main.js': '' });
    expect(nameOf('dist/apps/api/main.js')).toBe('acme.api');
  });

  it('has no project where there is none', () => {
    write({
      'package.json': { name: 'acme' },
      'nest-cli.json': { sourceRoot: 'src' },
      'dist/apps/main.js': '',
    });
    expect(nameOf('dist/apps/main.js')).toBe('acme');
  });

  describe('under PM2, whose script loads the main script', () => {
    const { argv } = process;
    afterEach(() => {
      process.argv = argv;
    });

    it.each(['ProcessContainerFork.js', 'ProcessContainer.js'])('is that of it: %s', container => {
      process.argv = ['node', `/usr/lib/node_modules/pm2/lib/${container}`];
      expect(mainPlace({ pm_exec_path: '/srv/app/dist/main.js' })).toBe('/srv/app/dist/main.js');
    });

    it('is not that of another application that PM2 has started', () => {
      process.argv = ['node', '/srv/other/dist/main.js'];
      expect(mainPlace({ pm_exec_path: '/srv/app/dist/main.js' })).toBe('/srv/other/dist/main.js');
    });
  });

  it('takes the working directory in a test run, where the main script is the runner', () => {
    expect(mainPlace({ NODE_ENV: 'test' })).toBe(process.cwd());
    expect(mainPlace({})).toBe(process.argv[1]);
  });
});
