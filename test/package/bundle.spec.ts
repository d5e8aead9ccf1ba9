import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { build, type Format } from 'esbuild';
import { freePort } from '../support/free-port.mjs';
import { eventually } from '../support/eventually.js';
import { RunningConsumer } from './consumer.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;
let entryPoints: readonly string[];
let running: RunningConsumer | undefined;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cluster-bundle-')));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { readonly import?: string; readonly require?: string }>;
  };
  entryPoints = Object.values(exports).flatMap(target =>
    target.import !== undefined && target.require !== undefined ? [target.import] : [],
  );
});

afterAll(() => rm(directory, { recursive: true, force: true }));

afterEach(() => running?.kill());

/** Bundles an application with the ES modules of this package, as bundlers do with TypeScript. */
async function bundle(format: Format): Promise<string> {
  const file = `main.${format === 'cjs' ? 'cjs' : 'mjs'}`;
  await build({
    stdin: { contents: application(), resolveDir: root },
    bundle: true,
    platform: 'node',
    format,
    keepNames: true,
    packages: 'external',
    outfile: join(directory, file),
    logLevel: 'error',
  });
  return file;
}

/** Uses all entry points, and makes a mistake that the doctor reports. */
function application(): string {
  return `
    import { Module } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    import { collectDefaultMetrics } from 'prom-client';
    import { ClusterModule } from './dist/index.js';
    ${entryPoints.map((file, index) => `import * as entry${index} from '${file}';`).join('\n')}
    globalThis.used = [${entryPoints.map((_, index) => `entry${index}`).join()}];
    class AppModule {}
    Module({ imports: [ClusterModule.forRoot()] })(AppModule);
    collectDefaultMetrics();
    NestFactory.create(AppModule).then(app => app.listen(process.env.PORT));`;
}

describe.each(['cjs', 'esm'] as const)('a bundle of the ES modules in the format %s', format => {
  it('starts its workers, is examined by the doctor, and stops', async () => {
    const app = (running = new RunningConsumer(
      process.execPath,
      await bundle(format),
      directory,
      await freePort(),
    ));
    await eventually(
      () =>
        app.ended !== undefined ||
        ['2 workers ready', 'CLUSTER_DOCTOR=-prom-client'].every(text => app.all.includes(text)),
      30_000,
      () => app.all,
    );
    app.terminate();
    expect({ ...(await app.exited), errors: app.errors }).toEqual({
      code: 0,
      signal: null,
      errors: '',
    });
  });
});
