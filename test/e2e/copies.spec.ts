import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';

const own = dirname(createRequire(import.meta.url).resolve('@nestjs/core/package.json'));
const directory = fileURLToPath(new URL('../../.test-build/copies', import.meta.url));
const copy = join(directory, 'node_modules/@nestjs/core');

const main = (core: string): string => `
  import { Module } from '@nestjs/common';
  import { NestFactory } from '${core}';
  import { ClusterModule } from 'nestjs-cluster';
  class AppModule {}
  Module({ imports: [ClusterModule.forRoot()] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error', 'fatal'] });
  await app.listen(process.env.PORT);
`;

beforeAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const bundles = ['bundle', 'minified'].map(name => join(directory, name));
  await Promise.all([copy, ...bundles].map(to => cp(own, to, { recursive: true })));
  const compiler = join(directory, 'minified/injector/compiler.js');
  const code = await readFile(compiler, 'utf8');
  await writeFile(
    compiler,
    code.replaceAll(/_?moduleOpaqueKeyFactory/g, found => found[0] + '1'),
  );
  await writeFile(join(directory, 'copy.js'), main('@nestjs/core'));
  await writeFile(join(directory, 'bundle.js'), main('./bundle/index.js'));
  await writeFile(join(directory, 'minified.js'), main('./minified/index.js'));
});

afterAll(() => rm(directory, { recursive: true }));
afterEach(() => Application.endAll());

describe('an application that has a copy of @nestjs/core for itself', () => {
  it.each([
    ['another directory', 'copy', '2', copy],
    ['another directory, in single mode', 'copy', '0', copy],
    ['a bundle', 'bundle', '2', 'a copy bundled into .*bundle/injector/compiler.js'],
    [
      'a bundle in which nothing is recognised',
      'minified',
      '1',
      'a copy bundled into .*minified/injector/.*.js',
    ],
  ])('is told so at once, with both paths (%s)', async (_, name, workers, path) => {
    const app = await Application.start(name, {
      main: join(directory, `${name}.js`),
      env: { CLUSTER_WORKERS: workers, CLUSTER_RESTART_GIVE_UP_AFTER: '1' },
    });
    expect(await app.exited).toMatchObject({ code: 1 });
    // The primary may quote the error in its final message.
    const errors = app.output
      .split('\n')
      .filter(line => line.includes('ClusterConfigError: There are two copies'))
      .filter(line => !line.includes('Gave up'));
    expect(errors).toHaveLength(1);
    expect(app.output).toMatch(
      new RegExp(`the application uses ${path}, and nestjs-cluster uses ${own}`),
    );
    expect(app.count('workerForked')).toBe(name === 'minified' ? 1 : 0);
  });
});
