import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from '@swc/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPTION_RULES } from '../../src/config/option-rules.js';
import { CLUSTER_EVENT_TYPES } from '../../src/model/events/cluster-event.interface.js';
import { Application } from '../support/application.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = join(root, '.test-build', 'readme');

let readme: string;
let samples: string[];

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8');
  const pages = [
    'docs/state.md',
    'docs/bus.md',
    'docs/operations.md',
    'docs/health.md',
    'docs/options.md',
    'docs/coming-from-pm2.md',
  ];
  const texts = await Promise.all(pages.map(page => readFile(join(root, page), 'utf8')));
  samples = [...[readme, ...texts].join('\n').matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code = '']) => code,
  );
});

afterAll(() => Application.endAll());

/** What the table says of defaults that are computed. */
const COMPUTED_DEFAULTS = new Map([
  ['namespace', "the application's name"],
  ['state.maxMemory', "`'50%'`"],
]);

describe('the README', () => {
  it('has code samples that compile', async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'migrations.ts'), 'export async function runMigrations() {}\n');
    const names = samples.map((code, index) =>
      code.includes('export class AppModule') && index === 0
        ? 'app.module.ts'
        : `sample-${index}.ts`,
    );
    await Promise.all(
      samples.map((code, index) => writeFile(join(directory, names[index]!), code)),
    );
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noPropertyAccessFromIndexSignature: false },
      include: ['*.ts'],
    };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiled = promisify(execFile)(process.execPath, [tsc, '-p', directory]);
    await expect(compiled.catch((error: { stdout: string }) => error)).resolves.toMatchObject({
      stdout: '',
    });
    expect(samples.length).toBeGreaterThanOrEqual(4);
  });

  it('has an import and a main.ts that run as they stand there', async () => {
    const main = samples.find(code => code.includes('NestFactory.create(AppModule)'));
    const module = samples[0];
    const target = join(root, '.test-build', 'apps', 'readme');
    await mkdir(target, { recursive: true });
    const files = {
      'app.module': module!,
      main: main!,
      migrations:
        'export async function runMigrations() { console.log("@" + JSON.stringify({ what: "migrated", pid: process.pid })); }',
    };
    for (const [name, code] of Object.entries(files)) {
      const compiled = await transform(code, {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      });
      await writeFile(join(target, `${name}.js`), compiled.code);
    }
    const app = await Application.ready('readme/main');
    expect((await fetch(app.url('/'), { headers: { connection: 'close' } })).status).toBe(404);
    expect(app.noted('migrated').map(({ pid }) => pid)).toEqual([app.pid]);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  it('has a table of all options, with their variables and defaults', () => {
    for (const [path, rule] of rules(OPTION_RULES)) {
      if (path === 'events') {
        CLUSTER_EVENT_TYPES.forEach(type => expect(readme).toContain(`\`${type}\``));
        continue;
      }
      const row = readme.split('\n').find(line => line.startsWith(`| \`${path}\``));
      const cells = row?.split('|').map(cell => cell.trim());
      const byDefault =
        typeof rule.defaultValue === 'string'
          ? `'${rule.defaultValue}'`
          : String(rule.defaultValue);
      expect(cells?.slice(1, 4)).toEqual([
        `\`${path}\``,
        `\`${rule.env}\``,
        COMPUTED_DEFAULTS.get(path) ?? `\`${byDefault}\``,
      ]);
    }
  });

  it('links to files, and to headings in them, that exist', async () => {
    const pages = (await readdir(join(root, 'docs'))).map(name => `docs/${name}`);
    for (const page of ['README.md', 'CHANGELOG.md', ...pages]) {
      const text = await readFile(join(root, page), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
        const [file, heading] = link.split('#');
        const target = file ? join(root, page, '..', file) : join(root, page);
        const found = await stat(target).catch(() => undefined);
        expect(found ? link : `${link} in ${page}`).toBe(link);
        if (heading !== undefined) {
          expect(headings(await readFile(target, 'utf8'))).toContain(heading);
        }
      }
    }
  });
});

/** As GitHub names them in links. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

interface Rule {
  readonly env?: string;
  readonly defaultValue: unknown;
  readonly accept: unknown;
}

function rules(table: object, prefix = ''): [string, Rule][] {
  return Object.entries(table).flatMap(([name, entry]: [string, Rule]) =>
    typeof entry.accept === 'function'
      ? [[prefix + name, entry]]
      : rules(entry, `${prefix}${name}.`),
  );
}
