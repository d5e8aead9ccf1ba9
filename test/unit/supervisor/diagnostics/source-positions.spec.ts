import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transform } from '@swc/core';
import { SourcePositions } from '../../../../src/supervisor/diagnostics/source-positions.js';

const SOURCE = 'interface Gone {\n  line: 2;\n}\nexport function here(): never {\n  for (;;);\n}\n';

let directory: string;
let code: string;
let map: Record<string, unknown>;
const path = (name: string): string => join(directory, name);
const url = (name: string): string => pathToFileURL(path(name)).href;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
  const compiled = await transform(SOURCE, {
    filename: 'main.ts',
    sourceMaps: true,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    swcrc: false,
  });
  code = compiled.code;
  map = JSON.parse(compiled.map!) as Record<string, unknown>;
  expect(code.startsWith('export function here()')).toBe(true);
});

afterEach(() => rm(directory, { recursive: true }));

async function written(reference: string): Promise<void> {
  await writeFile(path('main.js'), `${code}\n//# sourceMappingURL=${reference}`);
}

async function writtenMap(changes: Record<string, unknown> = {}): Promise<void> {
  await writeFile(
    path('main.js.map'),
    JSON.stringify({ ...map, sources: ['main.ts'], ...changes }),
  );
}

const original = (file = url('main.js')): Promise<string | undefined> =>
  new SourcePositions().original(file, 2, 5);

describe('the position in the source', () => {
  it('is found by way of a map beside the file', async () => {
    await written('main.js.map');
    await writtenMap();
    expect(await original()).toBe(`${url('main.ts')}:5:3`);
    expect(await original(path('main.js'))).toBe(`${url('main.ts')}:5:3`);
  });

  it('is found by way of a map within the file', async () => {
    await writtenMap();
    const text = JSON.stringify({ ...map, sources: ['main.ts'] });
    await written(`data:application/json;base64,${Buffer.from(text).toString('base64')}`);
    expect(await original()).toBe(`${url('main.ts')}:5:3`);
    await written(`data:application/json,${encodeURIComponent(text)}`);
    expect(await original()).toBe(`${url('main.ts')}:5:3`);
  });

  it('is relative to the root that the map names, if it does', async () => {
    await written('main.js.map');
    await writtenMap({ sourceRoot: 'src/' });
    expect(await original()).toBe(`${url('src/main.ts')}:5:3`);
    await writtenMap({ sources: ['webpack://app/./src/main.ts'] });
    expect(await original()).toBe('webpack://app/src/main.ts:5:3');
  });

  it('is unknown where there is no map, or none that can be read', async () => {
    expect(await original()).toBeUndefined();
    expect(await original('evalmachine.<anonymous>')).toBeUndefined();
    await writeFile(path('main.js'), code);
    expect(await original()).toBeUndefined();
    await written('main.js.map');
    expect(await original()).toBeUndefined();
    await writeFile(path('main.js.map'), '{ not JSON');
    expect(await original()).toBeUndefined();
    await writeFile(path('main.js.map'), '{}');
    expect(await original()).toBeUndefined();
    await written('https://example.com/main.js.map');
    expect(await original()).toBeUndefined();
  });

  it('is not looked for in a map so large that the primary would be busy with it', async () => {
    await written('main.js.map');
    await writtenMap({ padding: 'x'.repeat(8 * 1024 * 1024) });
    expect(await original()).toBeUndefined();
  });
});
