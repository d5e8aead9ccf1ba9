import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isTestRun } from '../system/process/is-test-run.js';
import { readJson } from '../system/read-json.js';
import { isRecord } from '../system/is-record.js';

/** The name of an application, and where it was found. @internal */
export interface ApplicationName {
  /** The name, in the form of a namespace. */
  readonly name: string;
  readonly origin: string;
}

/** The maximum length of a namespace. */
const MAX_LENGTH = 64;

/** Matches the output of Nest CLI for applications of a monorepo: `dist/apps/<project>/main.js`. */
const DEFAULT_LAYOUT = /^dist\/apps\/([^/]+)\//;

/** Matches the scripts with which PM2 starts an application, in fork mode and in cluster mode. */
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

/** Returns the main script. PM2 starts its own script, which loads the main script at `pm_exec_path`. */
function mainScript(env: NodeJS.ProcessEnv): string | undefined {
  const script = process.argv[1];
  const isContainer = script !== undefined && PM2_CONTAINER.test(script);
  return (isContainer ? env['pm_exec_path'] : undefined) ?? script;
}

/**
 * Returns the name of the application: the `name` of the nearest package.json above its main script, with `@a/b` as
 * `a.b`. In a monorepo of Nest CLI, the name of the project is appended.
 *
 * Symbolic links to a release are resolved, so the name comes from the release.
 *
 * @param main the main script, or a directory
 * @returns `undefined` if there is no package.json with a name
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

/** Returns the project of a Nest monorepo that a script belongs to. */
function projectOf(script: string): string | undefined {
  for (const directory of directoriesUpwards(script)) {
    const path = relative(directory, script).split(sep).join('/');
    const configuration = readJson(join(directory, 'nest-cli.json'));
    if (configuration) {
      const { projects } = configuration;
      return isRecord(projects) ? projectIn(projects, path) : undefined;
    }
    // Container images have the build output, but often not the configuration of the CLI.
    const [, project] = DEFAULT_LAYOUT.exec(path) ?? [];
    if (project !== undefined) {
      return project;
    }
  }
  return undefined;
}

/**
 * Returns the project with the longest root (as in `apps/api/src/main.ts` and `dist/apps/api/main.js`) or name in
 * the path.
 */
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

/** Returns the name as a namespace. A name that is too long is cut, and a hash is appended that makes it unique. */
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

/** @internal */
export function directoriesUpwards(path: string): string[] {
  const directories = [path];
  for (let last = path; dirname(last) !== last; last = dirname(last)) {
    directories.push(dirname(last));
  }
  return directories;
}

/** Resolves symbolic links. Node accepts `dist/main` for `dist/main.js`. @internal */
export function realPath(path: string): string {
  for (const candidate of [path, ...['.js', '.cjs', '.mjs'].map(ending => path + ending)]) {
    try {
      return realpathSync(candidate);
    } catch {
      // Try the next candidate.
    }
  }
  return path;
}
