import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ClusterModule } from '../../../src/cluster.module.js';
import { releaseName, releaseOf } from '../../../src/config/release.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';

const DEPLOYED = new Date('2026-11-29T10:00:00.000Z');

let directory: string;
let main: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'release-'));
  main = join(directory, 'main.js');
  writeFileSync(main, '');
  utimesSync(main, DEPLOYED, DEPLOYED);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('is the version of the application and the time of its main script', () => {
  writeFileSync(join(directory, 'package.json'), '{ "version": "1.2.3" }');
  expect(releaseOf(main)).toBe('1.2.3+2026-11-29T10:00:00.000Z');
  expect(releaseOf(join(directory, 'main'))).toBe('1.2.3+2026-11-29T10:00:00.000Z');
});

it('is that of the file to which a link points', () => {
  const link = join(directory, 'current.js');
  symlinkSync(main, link);
  expect(releaseOf(link)).toContain('2026-11-29T10:00:00.000Z');
});

it('is what the option says, or the environment', () => {
  expect(resolveOptions({ release: 'a1b2' }, {}).release).toBe('a1b2');
  expect(resolveOptions({}, { CLUSTER_RELEASE: 'c3d4' }).release).toBe('c3d4');
  expect(releaseName({ release: 'a1b2' })).toBe('a1b2');
  expect(releaseName(resolveOptions({}, {}))).toBe(releaseOf(process.cwd()));
});

it('is the one with which the process has booted, also after a deploy', () => {
  const deploy = (version: string): void =>
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ version }));
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(directory);
  try {
    deploy('1.0.0');
    void ClusterModule.forRoot();
    deploy('2.0.0');
    expect(releaseName({ release: '' })).toMatch(/^1\.0\.0\+/);
  } finally {
    cwd.mockRestore();
  }
});
