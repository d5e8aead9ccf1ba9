import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cluster-copies-')));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  await Promise.all(['one', 'two', 'newer'].map(name => copyPackage(name)));
  await pretendVersion('newer', '9.9.9');
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function copyPackage(name: string): Promise<void> {
  await cp(join(root, 'dist'), join(directory, name, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(directory, name, 'package.json'));
}

/** The build writes the version into the code. */
async function pretendVersion(name: string, version: string): Promise<void> {
  const { version: real } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { stdout } = await promisify(execFile)('grep', [
    '-rl',
    `\`${real}\``,
    join(directory, name, 'dist'),
  ]);
  for (const file of stdout.split('\n').filter(Boolean)) {
    const code = await readFile(file, 'utf8');
    await writeFile(file, code.replaceAll(`\`${real}\``, `\`${version}\``));
  }
}

/** The output of a process that loads these files one after the other, and then evaluates `expression`. */
async function evaluate(files: readonly string[], expression: string): Promise<string> {
  const code = `
    const { createRequire } = process.getBuiltinModule('node:module');
    const load = file => /\\.cjs$/.test(file) ? createRequire(file)(file) : import(file);
    const all = [];
    (async () => {
      for (const file of ${JSON.stringify(files.map(file => join(directory, file)))}) {
        all.push(await load(file));
      }
      console.log(${expression});
    })();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', code]);
  return stdout.trim();
}

const RESETTING = `
  const { createRequire } = process.getBuiltinModule('node:module');
  const file = 'FILE';
  const require = createRequire(file);
  const { ClusterModule, ClusterService } = require(file);
  const imported = ClusterModule.forRoot();
  Object.keys(require.cache).filter(each => each.endsWith('.cjs')).forEach(each => delete require.cache[each]);
  const { Test } = require('@nestjs/testing');
  Test.createTestingModule({ imports: [imported] }).compile().then(async app => {
    console.log(app.get(ClusterService).mode);
    await app.close();
  });
`;

describe('a test runner that resets its modules', () => {
  it('compiles a module that was imported before', async () => {
    const code = RESETTING.replace('FILE', join(root, 'dist/index.cjs'));
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', code], {
      env: { ...process.env, NODE_ENV: 'test' },
    });
    expect(stdout.trim()).toBe('single');
  });
});

describe('a process that loads the package twice', () => {
  it.each([
    ['as both formats', ['one/dist/index.js', 'one/dist/index.cjs']],
    ['as both formats, the other way round', ['one/dist/index.cjs', 'one/dist/index.js']],
    ['from two directories', ['one/dist/index.js', 'two/dist/index.js']],
    ['from two directories, as CommonJS', ['one/dist/index.cjs', 'two/dist/index.cjs']],
  ])('gets the classes of the first copy (%s)', async (_, files) => {
    const same =
      'all[0].ClusterModule === all[1].ClusterModule && all[0].SharedState === all[1].SharedState';
    expect(await evaluate(files, same)).toBe('true');
  });

  it('gets other entry points from the first copy as well', async () => {
    const files = ['one/dist/index.js', 'two/dist/health.js', 'one/dist/health.js'];
    const same = 'all[1].ClusterHealthModule === all[2].ClusterHealthModule';
    expect(await evaluate(files, same)).toBe('true');
  });

  it('listens to signals once', async () => {
    const files = ['one/dist/index.js', 'one/dist/index.cjs', 'two/dist/index.js'];
    const once = await evaluate(files.slice(0, 1), "process.listenerCount('SIGTERM')");
    expect(await evaluate(files, "process.listenerCount('SIGTERM')")).toBe(once);
  });

  it('fails if the versions differ, with both files', async () => {
    const failed = evaluate(['one/dist/index.js', 'newer/dist/index.js'], '');
    await expect(failed).rejects.toThrow(
      new RegExp(
        `ClusterConfigError: Two versions .* from ${directory}/one/.*, then 9.9.9 from ${directory}/newer/`,
      ),
    );
  });
});

const ENTRY_POINTS = [
  'index',
  'cqrs',
  'event-emitter',
  'graphql',
  'health',
  'socket.io',
  'throttler',
  'cache',
  'session',
];

/** The exports with names that are not those of the classes, or of the functions. */
const renamed = (isKind: string): string => `all
  .flatMap(exported => Object.entries(exported))
  .filter(([, value]) => typeof value === 'function' && ${isKind})
  .filter(([name, value]) => value.name !== name)
  .map(([name]) => name).join()`;

const IS_CLASS = `/^class\\b/.test(value)`;

describe('the classes of an entry point', () => {
  it.each(['js', 'cjs'])('have the names under which they are exported (.%s)', async ending => {
    const files = ENTRY_POINTS.map(name => `one/dist/${name}.${ending}`);
    expect(await evaluate(files, renamed(IS_CLASS))).toBe('');
  });
});

describe('the functions of an entry point', () => {
  it('have the names under which they are exported (.js)', async () => {
    const files = ENTRY_POINTS.map(name => `one/dist/${name}.js`);
    expect(await evaluate(files, renamed(`!${IS_CLASS}`))).toBe('');
  });
});
