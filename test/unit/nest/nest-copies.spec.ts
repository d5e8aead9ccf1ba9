import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertOneCore, twoCores } from '../../../src/nest/nest-copies.js';

const own = dirname(createRequire(import.meta.url).resolve('@nestjs/core/package.json'));
const reader = 'injector/compiler.js';

describe('assertOneCore()', () => {
  let directory: string;
  let copy: string;
  let bundle: string;

  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'copies-')));
    copy = join(directory, 'node_modules/@nestjs/core');
    bundle = join(directory, 'main.js');
    await cp(join(own, reader), join(copy, reader), { recursive: true });
    await cp(join(own, reader), bundle);
    await writeFile(join(directory, 'user.js'), 'export {};');
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('names both paths of two copies', () => {
    const path = join(copy, reader);
    expect(() => assertOneCore(path)).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_CONFIG',
        message: expect.stringMatching(`uses ${copy}, and nestjs-cluster uses ${own}`),
      }),
    );
    expect(twoCores(path).message).toContain(copy);
  });

  it('tells of a copy that is part of a bundle', () => {
    expect(() => assertOneCore(bundle)).toThrow(
      `uses a copy bundled into ${relative(process.cwd(), bundle)}`,
    );
  });

  it.each([
    ['our copy', () => join(own, reader)],
    ["a file of the user's", () => join(directory, 'user.js')],
    ['a file that cannot be read', () => join(directory, 'gone.js')],
    ['nobody', () => undefined],
  ])('lets %s pass', (_, path) => {
    expect(() => assertOneCore(path())).not.toThrow();
  });
});
