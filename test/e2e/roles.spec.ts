import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';

const RECORDER = fileURLToPath(new URL('../support/record-loads.mjs', import.meta.url));

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-roles-'));
});

afterEach(async () => {
  await Application.endAll();
  await rm(directory, { recursive: true, force: true });
});

/** The chunks that each process loads. A chunk is named for the roles that use it: see `tsdown.config.mjs`. */
async function chunksOf(processes: readonly number[], workers: number): Promise<Set<string>[]> {
  const file = join(directory, `${workers}`);
  const app = await Application.ready('http/express', {
    nodeArgs: ['--import', RECORDER],
    env: { CLUSTER_WORKERS: String(workers), LOADED_FILES: file },
  });
  expect((await fetch(app.url('/worker'))).status).toBe(200);
  const pids = [app.pid, ...app.of('workerForked').map(({ pid }) => pid)];
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return processes.map(
    place =>
      new Set(
        lines
          .filter(line => line.startsWith(`${pids[place]} `))
          .map(line => line.split(' ')[1] ?? ''),
      ),
  );
}

/** The chunks that one role uses, whether other roles use them or not. */
function ofRole(role: string, chunks: Iterable<string>): string[] {
  return [...chunks].filter(chunk => chunk.split('-').includes(role)).toSorted();
}

describe('the code that a process loads', () => {
  it('is that of its role: in a primary and its workers', async () => {
    const [primary, worker] = await chunksOf([0, 1], 2);
    const all = ['base', 'common', 'index', 'roles', 'rolldown-runtime'];
    expect(primary).toEqual(new Set([...all, ...ofRole('primary', primary ?? [])]));
    expect(primary).toContain('primary');
    const used = [...ofRole('worker', worker ?? []), ...ofRole('application', worker ?? [])];
    expect(worker).toEqual(new Set([...all, ...used]));
    expect(worker).toContain('worker');
    expect(worker).toContain('application');
  });

  it('is that of its role: in single mode', async () => {
    const [single] = await chunksOf([0], 0);
    const used = [...ofRole('single', single ?? []), ...ofRole('application', single ?? [])];
    expect(single).toEqual(
      new Set(['base', 'common', 'index', 'roles', 'rolldown-runtime', ...used]),
    );
    expect(single).toContain('single');
    expect(single).toContain('application');
  });
});

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** What an ES module imports at once: `import(…)` comes later. */
const STATIC_IMPORT = /(?:\bfrom|\bimport) ?["']\.{1,2}\/([^"']+)["']/g;

const nameOf = (file: string): string => file.replace(/(-[\w-]{8})?\.js$/, '');

/** The names of the files that a file loads, directly or through others. */
async function loadedWith(file: string, loaded = new Set<string>()): Promise<Set<string>> {
  const code = await readFile(join(DIST, file), 'utf8');
  for (const [, imported = ''] of code.matchAll(STATIC_IMPORT)) {
    if (!loaded.has(nameOf(imported)) && imported.endsWith('.js')) {
      loaded.add(nameOf(imported));
      await loadedWith(imported, loaded);
    }
  }
  return loaded;
}

describe('what workers and the command line load when they need it', () => {
  const PARTS = ['bus-client', 'redis-executor', 'redis-transport', 'redis-link', 'cli/main'];
  const ENTRY_POINTS =
    'cache cqrs dashboard event-emitter graphql health metrics schedule session socket.io throttler ws'.split(
      ' ',
    );

  it.each([...ENTRY_POINTS, ...PARTS])('%s brings nothing of the primary', async name => {
    const files = (await readdir(DIST, { recursive: true })).filter(each => each.endsWith('.js'));
    const file = files.find(each => nameOf(each) === name);
    const loaded = await loadedWith(file ?? `no file for ${name}`);
    expect(loaded.size).toBeGreaterThan(0);
    expect([...loaded].filter(each => /^(primary|single|start)\b/.test(each))).toEqual([]);
  });
});
