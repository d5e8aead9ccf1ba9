import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isTestRun } from '../system/process/is-test-run.js';

/** What an application is called, and where that is written. @internal */
export interface ApplicationName {
  /** As a namespace may be. */
  readonly name: string;
  readonly origin: string;
}

/** The longest namespace. */
const MAX_LENGTH = 64;

/** Where Nest CLI puts the applications of a monorepo: `dist/apps/<project>/main.js`. */
const DEFAULT_LAYOUT = /^dist\/apps\/([^/]+)\//;

/** The scripts by which PM2 starts an application, in fork mode and in cluster mode. */
const PM2_CONTAINER = /[/\\]pm2[/\\]lib[/\\]ProcessContainer(Fork)?\.js$/;

/**
 * Returns the file whose package names the application: the main script. In a test run, where the main script is
 * the test runner's, returns the working directory.
 *
 * @internal
 */
export function mainPlace(env: NodeJS.ProcessEnv): string {
  const script = mainScript(env);
  return script === undefined || isTestRun(env) ? process.cwd() : script;
}

/** PM2 starts a script of its own, which loads the main script and has its path in `pm_exec_path`. */
function mainScript(env: NodeJS.ProcessEnv): string | undefined {
  const script = process.argv[1];
  const isContainer = script !== undefined && PM2_CONTAINER.test(script);
  return (isContainer ? env['pm_exec_path'] : undefined) ?? script;
}

/**
 * What an application is called by the nearest package.json above its main script that has a name: `@a/b` is
 * `a.b`. In a monorepo of Nest CLI, the name of the project follows.
 *
 * Of a link to a release, what is in the release counts: the name is not that of a directory.
 *
 * @param main the main script, or a directory
 * @returns `undefined` without a package that has a name
 * @internal
 */
export function applicationName(main: string): ApplicationName | undefined {
  const script = realPath(main);
  for (const directory of directoriesUpwards(script)) {
    const file = join(directory, 'package.json');
    const name = readJson(file)?.['name'];
    if (typeof name === 'string' && name !== '') {
      const project = projectOf(script);
      const full = project === undefined ? name : `${name}.${project}`;
      const origin = `name in ${file}${project === undefined ? '' : `, project ${project}`}`;
      return { name: asNamespace(full), origin };
    }
  }
  return undefined;
}

/** The project of a Nest monorepo that a script belongs to. */
function projectOf(script: string): string | undefined {
  for (const directory of directoriesUpwards(script)) {
    const path = relative(directory, script).split(sep).join('/');
    const configuration = readJson(join(directory, 'nest-cli.json'));
    if (configuration) {
      const { projects } = configuration;
      return isRecord(projects) ? projectIn(projects, path) : undefined;
    }
    // An image has the build, and often not the configuration of the CLI.
    const [, project] = DEFAULT_LAYOUT.exec(path) ?? [];
    if (project !== undefined) {
      return project;
    }
  }
  return undefined;
}

/** By its root, as in `apps/api/src/main.ts` and `dist/apps/api/main.js`, or its name; the longest one. */
function projectIn(projects: Record<string, unknown>, script: string): string | undefined {
  const path = `/${script}`;
  const [found] = Object.entries(projects)
    .flatMap(([name, project]) => {
      const root = isRecord(project) && typeof project['root'] === 'string' ? project['root'] : '';
      const places = [root, name].map(place => place.replace(/^\.?\/|\/$/g, '')).filter(Boolean);
      const place = places.find(each => path.includes(`/${each}/`));
      return place === undefined ? [] : [{ name, length: place.length }];
    })
    .toSorted((one, other) => other.length - one.length);
  return found?.name;
}

/** Of a longer name, the beginning, and something that tells it from others that begin so. */
function asNamespace(name: string): string {
  const text = name
    .replace(/^@/, '')
    .replace('/', '.')
    .replaceAll(/[^\w.:-]/g, '-');
  if (text.length <= MAX_LENGTH) {
    return text;
  }
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${text.slice(0, MAX_LENGTH - hash.length - 1)}-${hash}`;
}

function directoriesUpwards(path: string): string[] {
  const directories = [path];
  for (let last = path; dirname(last) !== last; last = dirname(last)) {
    directories.push(dirname(last));
  }
  return directories;
}

/** What a file says; `undefined` if it is not there, or is no JSON. */
function readJson(file: string): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Node runs `dist/main` as well, which is `dist/main.js`. */
function realPath(path: string): string {
  for (const candidate of [path, ...['.js', '.cjs', '.mjs'].map(ending => path + ending)]) {
    try {
      return realpathSync(candidate);
    } catch {
      // The next one, then.
    }
  }
  return path;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
