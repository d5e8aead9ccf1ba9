import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from '@swc/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPTION_RULES } from '../../src/config/option-rules.js';
import { CLUSTER_EVENT_TYPES } from '../../src/model/events/cluster-event.interface.js';
import { Application } from '../support/application.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = join(root, '.test-build', 'readme');

let pages: string[];
let samples: string[];

beforeAll(async () => {
  const names = (await readdir(join(root, 'docs'))).filter(name => name.endsWith('.md'));
  pages = names.toSorted().map(name => `docs/${name}`);
  const texts = await Promise.all(['README.md', ...pages].map(read));
  samples = [...texts.join('\n').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
});

afterAll(() => Application.endAll());

/** The descriptions in the table of defaults that are not literals. */
const DESCRIBED_DEFAULTS = new Map([
  ['namespace', "the `name` in package.json; `'nestjs-cluster'` without one"],
  ['redis', 'none: the memory of the primary'],
  ['release', 'the `version` in package.json and the modification time of the main script'],
  ['logger', 'none: the logger of `NestFactory.create()`'],
]);

describe('the README and docs/', () => {
  it('has code samples that compile', async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'migrations.ts'), 'export async function runMigrations() {}\n');
    await writeFile(join(directory, 'admin.module.ts'), 'export class AdminModule {}\n');
    const logger = samples.find(code => code.startsWith('// logger.ts'));
    await writeFile(join(directory, 'logger.ts'), logger!);
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
    expect(samples.length).toBeGreaterThanOrEqual(20);
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

  it('has a table of all options, with their variables and defaults', async () => {
    const options = await read('docs/options.md');
    const supervision = await read('docs/supervision.md');
    for (const [path, rule] of rules(OPTION_RULES)) {
      if (path === 'events') {
        CLUSTER_EVENT_TYPES.forEach(type => expect(supervision).toContain(`| \`${type}\``));
        continue;
      }
      const row = options.split('\n').find(line => line.startsWith(`| \`${path}\``));
      const [, , , byDefault = '', variable] =
        row?.split(/(?<!\\)\|/).map(cell => cell.trim()) ?? [];
      expect([path, variable]).toEqual([path, `\`${rule.env}\``]);
      expect([path, DESCRIBED_DEFAULTS.get(path) ?? rule.accept(literal(byDefault))]).toEqual([
        path,
        DESCRIBED_DEFAULTS.has(path) ? byDefault : rule.defaultValue,
      ]);
    }
  });

  it('links to files, and to headings in them, that exist', async () => {
    for (const page of ['README.md', 'CHANGELOG.md', ...pages]) {
      const text = await read(page);
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

function read(page: string): Promise<string> {
  return readFile(join(root, page), 'utf8');
}

/** The value of a literal between backticks: a number, a boolean or a text in single quotes. */
function literal(cell: string): unknown {
  const text = cell.slice(1, -1);
  return text.startsWith("'") ? text.slice(1, -1) : (JSON.parse(text) as unknown);
}

/** The anchors of headings, as GitHub generates them. */
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
  readonly accept: (value: unknown) => unknown;
}

function rules(table: object, prefix = ''): [string, Rule][] {
  return Object.entries(table).flatMap(([name, entry]: [string, Rule]) =>
    typeof entry.accept === 'function'
      ? [[prefix + name, entry]]
      : rules(entry, `${prefix}${name}.`),
  );
}
